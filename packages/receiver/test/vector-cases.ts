/** The cases of vectors/callbacks.json: what a receiver in any language must accept, and what it must refuse, and why. */
import { type AppOptions, type Policy, verify } from '@portrait/receiver';
import { type CallbackParts, ManualClock, profileBody, signedParts } from '@portrait/receiver/testing';
import { APP, AT_MS, OTHER_SECRET, SECRET, SIGNING_KEY, TOKEN, VERIFICATION_KEY } from './support.ts';

/** One vector. */
export interface Vector {
  readonly name: string;
  /** What the receiver knows and asks for. */
  readonly receiver: AppOptions & { readonly require: Policy; readonly nowSeconds: number };
  readonly request: Awaited<ReturnType<typeof signedParts>>;
  /** `reason` of a refusal, or what it is accepted for and reads. */
  readonly expected: object;
}

type Case = readonly [
  name: string,
  sent: Partial<CallbackParts>,
  known?: Partial<AppOptions> & { readonly require?: Policy; readonly secondsLater?: number },
  change?: (request: Vector['request']) => Vector['request'],
];

const FORGED = profileBody({ userId: 'alice', changed: { nick: 'Mallory' } });
const TENCENT = { signingSecrets: [] } as const;
const BY_TOKEN = { require: 'token' } as const;
const EITHER = { require: 'either' } as const;

const CASES: readonly Case[] = [
  ['body signature and Sign', {}],
  ['another body under the same signatures', {}, {}, (request) => ({ ...request, body: FORGED })],
  ['another id under the same signature', { headers: { 'webhook-id': 'evt_2' } }],
  ['signed with a secret that is not known', { signingSecrets: [OTHER_SECRET] }],
  ['signed with an old and a new secret', { signingSecrets: [OTHER_SECRET, SECRET] }],
  ['Ed25519, verified with the public key', { signingSecrets: [SIGNING_KEY] }, { signingSecrets: [VERIFICATION_KEY] }],
  [
    'Ed25519 with another body',
    { signingSecrets: [SIGNING_KEY] },
    { signingSecrets: [VERIFICATION_KEY] },
    (request) => ({ ...request, body: FORGED }),
  ],
  ['no token is known, Sign is not looked at', { token: 'other' }, { token: undefined }],
  ['a wrong Sign beside a good body signature', { token: 'other' }],
  ['a right Sign beside a wrong body signature, either would do', { signingSecrets: [OTHER_SECRET] }, EITHER],
  ['Sign alone, either would do', TENCENT, EITHER],
  ['Sign alone, the body signature is required', TENCENT],
  ['the signature header was taken away, either would do', { headers: { 'webhook-signature': undefined } }, EITHER],
  ['Sign alone, asked for alone', TENCENT, BY_TOKEN],
  ['Sign 60 seconds ago', TENCENT, { ...BY_TOKEN, secondsLater: 60 }],
  ['Sign 61 seconds ago', TENCENT, { ...BY_TOKEN, secondsLater: 61 }],
  ['Sign 61 seconds ahead', TENCENT, { ...BY_TOKEN, secondsLater: -61 }],
  ['Sign of the old token while both are known', TENCENT, { ...BY_TOKEN, token: ['newtoken', TOKEN] }],
  [
    'Sign in upper case',
    TENCENT,
    BY_TOKEN,
    (request) => ({
      ...request,
      url: request.url.replace(/(?<=Sign=)[0-9a-f]+/, (sign) => sign.toUpperCase()),
    }),
  ],
  ['no Sign', { ...TENCENT, token: undefined }, BY_TOKEN],
  ['body signature 300 seconds ago', {}, { token: undefined, secondsLater: 300 }],
  ['body signature 301 seconds ago', {}, { token: undefined, secondsLater: 301 }],
  ['body signature 301 seconds ahead', {}, { token: undefined, secondsLater: -301 }],
  ['another app', { sdkAppId: 1_400_000_002 }],
  ['URL and body name different commands', { command: 'State.StateChange' }],
  ['a body that is no JSON, well signed', { body: 'x' }],
  ['text that is not ASCII', { body: profileBody({ userId: 'alice', changed: { nick: '爱丽丝 😀' } }) }],
  [
    'blanks in the JSON, which the signature covers',
    { body: profileBody({ userId: 'alice', changed: { level: 3 } }).replaceAll(',', ' , ') },
  ],
  [
    'a command without a type',
    { command: 'State.StateChange', body: '{"CallbackCommand":"State.StateChange","Info":{}}' },
  ],
  [
    'several signatures of other versions',
    {},
    {},
    (request) => ({
      ...request,
      headers: { ...request.headers, 'webhook-signature': `v2,AAAA v1,AAAA ${request.headers['webhook-signature']}` },
    }),
  ],
];

const same = (request: Vector['request']): Vector['request'] => request;

/** Make them anew. */
export async function makeVectors(): Promise<{ readonly source: string; readonly cases: readonly Vector[] }> {
  const cases: Vector[] = [];
  for (const [name, sent, { secondsLater = 0, require = 'body-signature', ...known } = {}, change = same] of CASES) {
    const parts = { sdkAppId: APP, token: TOKEN, signingSecrets: [SECRET], sequence: 7, attempt: 1, ...sent };
    const request = change(await signedParts(parts));
    const nowSeconds = AT_MS / 1000 + secondsLater;
    const app: AppOptions = { sdkAppId: APP, token: TOKEN, signingSecrets: [SECRET], ...known };
    const result = await verify(request, { ...app, require, clock: new ManualClock(nowSeconds * 1000) });
    const { provedBy, ...delivery } = result.ok ? result.delivery : { provedBy: undefined };
    const expected = result.ok
      ? { ok: true, provedBy, event: result.event, delivery }
      : { ok: false, reason: result.reason };
    cases.push({ name, receiver: { ...app, require, nowSeconds }, request, expected });
  }
  const source =
    'Portrait, docs/compatibility.md section 6; Tencent Cloud Chat, "Webhook Overview", document 1047/34354; Standard Webhooks, spec/standard-webhooks.md';
  return { source, cases };
}
