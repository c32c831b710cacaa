/** Options that say what an app is, for `create` and `update`. */
import { CUSTOM_TAG_PREFIX, type CustomField, type FieldRole } from '@portrait/wire';
import type { Option } from 'commander';
import type { AppPatch } from '../../admin/app-schemas.ts';
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
  readonly rateLimit?: number;
  readonly announceImports?: boolean;
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
    checkedOption('--rate-limit <number>', 'calls per second and command, 0 for no limit', wholeNumber(0, 1_000_000)),
    option('--announce-imports', 'make a callback when an account is imported with a nickname or a face URL'),
    option('--no-announce-imports', 'make none, as a new app does'),
  ];
}

/** @returns members for the admin API; what was not given is left out */
export function appMembers(flags: AppFlags): AppPatch {
  const { name, secretKey, administrator, customField, rateLimit, announceImports } = flags;
  return {
    ...(name !== undefined && { name }),
    ...(secretKey !== undefined && { secretKey }),
    ...(administrator !== undefined && { administrators: administrator }),
    ...(customField !== undefined && { customFields: customField }),
    ...(rateLimit !== undefined && { rateLimitPerSecond: rateLimit }),
    ...(announceImports !== undefined && { announceImports }),
  };
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
