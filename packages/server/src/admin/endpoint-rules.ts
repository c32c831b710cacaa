/** What makes or changes an endpoint, beyond what its schemas say. */
import { CALLBACK_COMMANDS, describeValue } from '@portrait/wire';
import { createSigner } from '../signing-keys.ts';
import type { Endpoint } from '../storage/store.ts';
import { withoutEndedSecrets } from './endpoint-rotation.ts';
import type { EndpointCreate, EndpointPatch } from './endpoint-schemas.ts';
import { formatMoment, parseIsoMoment } from './moment.ts';
import type { AdminOptions } from './options.ts';
import { type Fault, Problem } from './problem.ts';
import { createEndpointId, createSigningSecret } from './secrets.ts';
import { findTlsFaults, mergeTls } from './tls-rules.ts';

type CheckUrl = AdminOptions['checkUrl'];

/** What the rules need to know beside the body. */
interface Circumstances {
  /** Unix milliseconds */
  readonly nowMs: number;
  readonly checkUrl: CheckUrl;
}

/** @throws Problem 400 if a member breaks a rule */
export function makeEndpoint(
  { signingSecretType, tls: rawTls, ...body }: EndpointCreate,
  from: Circumstances & { readonly sdkAppId: number },
): Endpoint {
  const startFrom = normalizeStartFrom(body.startFrom ?? 'now');
  const tls = mergeTls(undefined, rawTls ?? null);
  refuseFaults([
    ...findFaults({ ...body, ...(tls && { tls }) }, from),
    ...(startFrom === undefined ? [startFromFault(body.startFrom)] : []),
    ...findSchemeFaults(tls, body.url),
    ...(signingSecretType && body.signingSecrets ? [SECRET_TYPE_FAULT] : []),
  ]);
  return {
    endpointId: createEndpointId(),
    sdkAppId: from.sdkAppId,
    commands: CALLBACK_COMMANDS,
    token: '',
    signingSecrets: [createSigningSecret(signingSecretType ?? 'hmac-sha256')],
    timeoutMs: 2000,
    success: 'protocol',
    maxAttempts: 7,
    concurrency: 64,
    ratePerSecond: 0,
    headers: {},
    payload: 'tencent',
    onDead: 'skip',
    state: 'active',
    createdAtMs: from.nowMs,
    ...body,
    ...(tls && { tls }),
    startFrom: startFrom ?? 'now',
  };
}

/**
 * A token or signing secrets that are given hold from now on, and alone: an overlap of a rotation ends with them.
 *
 * @throws Problem 400 if a member breaks a rule
 */
export function patchEndpoint(
  endpoint: Endpoint,
  { tls: rawTls, state, ...body }: EndpointPatch,
  circumstances: Circumstances,
): Endpoint {
  const {
    tls: tlsBefore,
    previousToken,
    retiringSecrets,
    ...before
  } = withoutEndedSecrets(endpoint, circumstances.nowMs);
  const tls = rawTls === undefined ? tlsBefore : mergeTls(tlsBefore, rawTls);
  refuseFaults([
    ...findFaults({ ...body, ...(rawTls !== undefined && tls && { tls }) }, circumstances),
    ...findSchemeFaults(tls, { url: before.url, ...body }.url),
  ]);
  const changed = {
    ...before,
    ...body,
    ...(tls && { tls }),
    ...(previousToken && body.token === undefined && { previousToken }),
    ...(retiringSecrets && body.signingSecrets === undefined && { retiringSecrets }),
  };
  return state === undefined || state === endpoint.state ? changed : turnEndpoint(changed, state);
}

/** A person pauses or resumes: why it was paused before means nothing any more. */
export function turnEndpoint({ pauseReason: _, ...endpoint }: Endpoint, state: Endpoint['state']): Endpoint {
  return { ...endpoint, state };
}

const SECRET_TYPE_FAULT = fault(
  '/signingSecretType',
  'is for a secret that the server makes, and signingSecrets are given',
);

function refuseFaults(faults: readonly Fault[]): void {
  if (faults.length > 0) throw Problem.ofFaults(400, faults);
}

/** @param given.tls  as it will be stored */
function findFaults(
  { url, signingSecrets, headers, tls }: Omit<EndpointPatch, 'tls'> & Pick<Endpoint, 'tls'>,
  { checkUrl, nowMs }: Circumstances,
): readonly Fault[] {
  return [
    ...(url === undefined ? [] : findUrlFaults(url, checkUrl)),
    ...findSecretFaults(signingSecrets ?? []),
    ...findHeaderFaults(headers ?? {}),
    ...(tls === undefined ? [] : findTlsFaults(tls, nowMs)),
  ];
}

function findSchemeFaults(tls: Endpoint['tls'], url: string): readonly Fault[] {
  return tls && URL.parse(url)?.protocol === 'http:' ? [fault('/tls', 'is for https URLs only')] : [];
}

/** The URL itself is told only where it can hold no password. */
function findUrlFaults(raw: string, checkUrl: CheckUrl): readonly Fault[] {
  const detail = findUrlFault(raw) ?? checkUrl(raw);
  return detail === undefined ? [] : [fault('/url', detail)];
}

function findUrlFault(raw: string): string | undefined {
  const url = /[\s\p{Cc}]/u.test(raw) ? null : URL.parse(raw);
  if (!url) return 'expected an absolute http or https URL without spaces';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return `expected an http or https URL, got ${describeValue(url.protocol)}`;
  }
  if (url.username || url.password) {
    return 'expected a URL without user name and password; put an authorization header into headers instead';
  }
  return raw.includes('#') ? 'expected a URL without a fragment (#…)' : undefined;
}

function findSecretFaults(secrets: readonly string[]): readonly Fault[] {
  return secrets.flatMap((secret, at) =>
    createSigner(secret) ? [] : [fault(`/signingSecrets/${at}`, secretFault(secret))],
  );
}

function secretFault(secret: string): string {
  if (secret.startsWith('whpk_')) return 'is a public key; expected the private one, whsk_…, which signs';
  if (secret.startsWith('whsk_'))
    return 'expected whsk_ and an Ed25519 key in Base64: 32 bytes, or 64 with its public key';
  return 'expected whsec_ and 24 to 64 bytes in Base64, or whsk_ and an Ed25519 key';
}

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/;

/** Set by the protocol or by the connection; a value from outside would break the one or the other. */
const OWN_HEADER =
  /^(host|content-length|content-type|content-encoding|user-agent|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|proxy-.*|traceparent|webhook-.*|portrait-.*)$/;

function findHeaderFaults(headers: Readonly<Record<string, string>>): readonly Fault[] {
  const seen = new Set<string>();
  return Object.keys(headers).flatMap((name) => {
    const detail = findHeaderFault(name.toLowerCase(), seen);
    seen.add(name.toLowerCase());
    return detail === undefined ? [] : [fault(`/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, detail)];
  });
}

function findHeaderFault(name: string, seen: ReadonlySet<string>): string | undefined {
  if (!HEADER_NAME.test(name)) return "expected a header name: 1 to 128 letters, digits or any of !#$%&'*+.^_`|~-";
  if (OWN_HEADER.test(name)) return 'is set by Portrait itself and can not be chosen';
  return seen.has(name) ? 'is there twice; the case of letters makes no difference' : undefined;
}

function normalizeStartFrom(raw: string): string | undefined {
  if (raw === 'now' || raw === 'beginning') return raw;
  const atMs = parseIsoMoment(raw);
  return atMs === undefined ? undefined : formatMoment(atMs);
}

function startFromFault(raw: string | undefined): Fault {
  return fault('/startFrom', `expected "now", "beginning" or an ISO 8601 time, got ${describeValue(raw)}`);
}

function fault(path: string, detail: string): Fault {
  return { in: 'body', pointer: `#${path}`, detail };
}
