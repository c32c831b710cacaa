/** What makes or changes an app, beyond what its schemas say. Pure. */
import { type CustomField, describeValue, isCustomTagName } from '@portrait/wire';
import { APP_DEFAULTS } from '../storage/app-defaults.ts';
import type { App } from '../storage/store.ts';
import type { AppCreate, AppPatch } from './app-schemas.ts';
import { type Fault, Problem } from './problem.ts';
import { createSecretKey } from './secrets.ts';

/**
 * @param nowMs  Unix milliseconds
 * @throws Problem 400 if a custom field breaks a rule
 */
export function makeApp(body: AppCreate & { readonly sdkAppId: number }, nowMs: number): App {
  refuseFaults(400, findFieldFaults(body.customFields ?? []));
  return {
    sdkAppId: body.sdkAppId,
    name: body.name,
    secretKey: body.secretKey ?? createSecretKey(),
    administrators: body.administrators ?? ['administrator'],
    customFields: body.customFields ?? [],
    userWritableFields: body.userWritableFields ?? APP_DEFAULTS.userWritableFields,
    rateLimitPerSecond: body.rateLimitPerSecond ?? 200,
    announceImports: body.announceImports ?? false,
    maxSessionsPerPlatform: body.maxSessionsPerPlatform ?? APP_DEFAULTS.maxSessionsPerPlatform,
    createdAtMs: nowMs,
  };
}

/**
 * @throws Problem 400 if a custom field breaks a rule; 409 if one that is there would be removed or retyped
 * @see Tencent Cloud Chat, "User Profile", document 1047/33520, custom fields
 */
export function patchApp(app: App, body: AppPatch): App {
  if (body.customFields) {
    refuseFaults(400, findFieldFaults(body.customFields));
    refuseFaults(409, findFixedFaults(app.customFields, body.customFields));
  }
  return { ...app, ...body };
}

function refuseFaults(status: 400 | 409, faults: readonly Fault[]): void {
  if (faults.length > 0) throw Problem.ofFaults(status, faults);
}

function findFieldFaults(fields: readonly CustomField[]): readonly Fault[] {
  return fields.flatMap(({ tag }, at) => {
    const detail = findTagFault(fields, at);
    return detail === undefined ? [] : [fieldFault(`/${at}/tag`, `${detail}, got ${describeValue(tag)}`)];
  });
}

function findTagFault(fields: readonly CustomField[], at: number): string | undefined {
  const tag = fields[at]?.tag ?? '';
  if (!isCustomTagName(tag)) return 'expected Tag_Profile_Custom_ and a keyword of 1 to 8 letters or digits';
  return fields.findIndex((field) => field.tag === tag) < at ? 'expected each tag once' : undefined;
}

function findFixedFaults(fields: readonly CustomField[], wanted: readonly CustomField[]): readonly Fault[] {
  return fields.flatMap(({ tag, type }) => {
    const at = wanted.findIndex((field) => field.tag === tag);
    const next = wanted[at];
    if (!next) return [fieldFault('', `${tag} is missing, a field that is there can not be removed`)];
    if (next.type === type) return [];
    return [
      fieldFault(
        `/${at}/type`,
        `the type of ${tag} is fixed, expected ${describeValue(type)}, got ${describeValue(next.type)}`,
      ),
    ];
  });
}

function fieldFault(path: string, detail: string): Fault {
  return { in: 'body', pointer: `#/customFields${path}`, detail };
}
