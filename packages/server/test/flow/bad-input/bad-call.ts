/** How the tables of bad calls are written. */
import type { CallOverrides } from '../../support/live/rest-call.ts';
import type { TestApp } from '../../support/live/test-app.ts';

export const SET = 'profile/portrait_set';
export const GET = 'profile/portrait_get';
export const IMPORT = 'im_open_login_svc/account_import';
export const IMPORT_MANY = 'im_open_login_svc/multiaccount_import';
export const CHECK = 'im_open_login_svc/account_check';
export const DELETE = 'im_open_login_svc/account_delete';
export const KICK = 'im_open_login_svc/kick';
export const ONLINE = 'openim/query_online_status';

/** A call, and what it must be answered with: texts that ErrorInfo holds are the field's name and its limit. */
export interface BadCall {
  readonly name: string;
  readonly path?: string;
  readonly body?: unknown;
  readonly overrides?: CallOverrides | ((app: TestApp) => CallOverrides);
  readonly status?: number;
  readonly code: number;
  readonly info: readonly string[];
}

export function item(Tag: unknown, Value?: unknown): object {
  return { From_Account: 'id1', ProfileItem: [{ Tag, ...(Value !== undefined && { Value }) }] };
}

/** `portrait_set` of id1 whose items are this JSON text. */
export function rawItems(items: string): { readonly overrides: CallOverrides } {
  return { overrides: { rawBody: `{"From_Account":"id1","ProfileItem":${items}}` } };
}

export function raw(rawBody: string | Uint8Array): { readonly overrides: CallOverrides } {
  return { overrides: { rawBody } };
}

export function query(parameters: NonNullable<CallOverrides['query']>): { readonly overrides: CallOverrides } {
  return { overrides: { query: parameters } };
}

export function many(count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => `many${number}`);
}

export const LONG_ID: string = 'x'.repeat(33);
