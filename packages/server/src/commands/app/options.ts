/** Options that say what an app is, for `create` and `update`. */
import { CUSTOM_TAG_PREFIX, type CustomField, type FieldRole, findStandardTag, STANDARD_TAGS } from '@portrait/wire';
import type { Option } from 'commander';
import type { AppPatch } from '../../admin/app-schemas.ts';
import { UsageError } from '../../config.ts';
import {
  anyText,
  type Check,
  checkedOption,
  option,
  parseValue,
  repeatedOption,
  wholeNumber,
} from '../command-line.ts';

/** An SDKAppID. */
export const sdkAppIdCheck: Check<number> = wholeNumber(1, 4_294_967_295);

/** @throws UsageError it is none */
export function readSdkAppId(raw: string): number {
  return parseValue('<sdkAppId>', raw, sdkAppIdCheck);
}

/** What the options below yield. */
export interface AppFlags {
  readonly name?: string;
  readonly secretKey?: string;
  readonly administrator?: readonly string[];
  readonly customField?: readonly CustomField[];
  readonly userWritableField?: readonly string[];
  readonly rateLimit?: number;
  readonly announceImports?: boolean;
  readonly maxSessionsPerPlatform?: number;
}

/** @returns options for the members of an app */
export function appOptions(): readonly Option[] {
  return [
    option('--name <text>', 'what people call it'),
    option('--secret-key <key>', 'key that UserSigs are signed with (a new app gets a random one)'),
    repeatedOption('--administrator <id...>', 'UserIDs that may call REST (a new app has administrator)', anyText),
    repeatedOption(
      '--custom-field <field>',
      'custom profile field, as <tag>[:string|bytes][:read=user,admin][:write=user,admin]; can be repeated',
      customFieldCheck,
    ),
    repeatedOption(
      '--user-writable-field <tag...>',
      'standard fields that users may write themselves, such as Nick, or none (a new app has all)',
      userWritableFieldCheck,
    ),
    checkedOption('--rate-limit <number>', 'calls per second and command, 0 for no limit', wholeNumber(0, 1_000_000)),
    option('--announce-imports', 'make a callback when an account is imported with a nickname or a face URL'),
    option('--no-announce-imports', 'make none, as a new app does'),
    checkedOption(
      '--max-sessions-per-platform <number>',
      'sessions of a user at once per platform, 0 for as many as come',
      wholeNumber(0, 100),
    ),
  ];
}

/**
 * @returns members for the admin API; what was not given is left out
 * @throws UsageError `none` stands beside a field
 */
export function appMembers(flags: AppFlags): AppPatch {
  const { name, secretKey, administrator, customField, userWritableField } = flags;
  const { rateLimit, announceImports, maxSessionsPerPlatform } = flags;
  return {
    ...(name !== undefined && { name }),
    ...(secretKey !== undefined && { secretKey }),
    ...(administrator !== undefined && { administrators: administrator }),
    ...(customField !== undefined && { customFields: customField }),
    ...(userWritableField !== undefined && { userWritableFields: withoutNone(userWritableField) }),
    ...(rateLimit !== undefined && { rateLimitPerSecond: rateLimit }),
    ...(announceImports !== undefined && { announceImports }),
    ...(maxSessionsPerPlatform !== undefined && { maxSessionsPerPlatform }),
  };
}

const STANDARD_TAG_PREFIX = 'Tag_Profile_IM_';

/** An option needs a value, so that a list with nothing in it needs a word. */
const NONE = 'none';

/** @returns a standard tag without what all of them begin with: `Nick` */
export function shortTag(tag: string): string {
  return tag.slice(STANDARD_TAG_PREFIX.length);
}

const userWritableFieldCheck: Check<string> = {
  expects: `${NONE}, or some of ${STANDARD_TAGS.map(({ tag }) => shortTag(tag)).join(', ')}`,
  parse: (raw) => (raw === NONE ? NONE : (findStandardTag(raw) ?? findStandardTag(STANDARD_TAG_PREFIX + raw))?.tag),
};

function withoutNone(tags: readonly string[]): readonly string[] {
  if (!tags.includes(NONE)) return tags;
  if (tags.length === 1) return [];
  throw new UsageError(`--user-writable-field takes either ${NONE} or fields, not both.`);
}

const ROLES: readonly FieldRole[] = ['user', 'admin'];

const customFieldCheck: Check<CustomField> = {
  expects: `a field like ${CUSTOM_TAG_PREFIX}Level:string:read=user,admin:write=admin`,
  parse(raw) {
    const [name = '', ...parts] = raw.split(':');
    if (name === '') return undefined;
    let field: CustomField = {
      tag: name.startsWith(CUSTOM_TAG_PREFIX) ? name : CUSTOM_TAG_PREFIX + name,
      type: 'string',
      read: ROLES,
      write: ROLES,
    };
    for (const part of parts) {
      const more = parseFieldPart(part);
      if (more === undefined) return undefined;
      field = { ...field, ...more };
    }
    return field;
  },
};

/** @returns what `bytes`, `read=user,admin` or `write=admin` says */
function parseFieldPart(part: string): Partial<CustomField> | undefined {
  if (part === 'string' || part === 'bytes') return { type: part };
  const [, action, list = ''] = /^(read|write)=(.+)$/.exec(part) ?? [];
  const roles = list.split(',');
  const known = ROLES.filter((role) => roles.includes(role));
  return action !== undefined && known.length === roles.length ? { [action]: known } : undefined;
}
