/** What signatures cost in processor time: the sender per request, the receiver per callback. No bar. */
import { createVerifier } from '@portrait/receiver';
import { createSigningSecret } from '../packages/server/src/admin/secrets.ts';
import { CallbackFormat } from '../packages/server/src/dispatch/callback-request.ts';
import { verificationKeyOf } from '../packages/server/src/signing-keys.ts';
import { APP, sampleEndpoint, sampleEvent } from '../packages/server/test/support/samples.ts';
import { median, report } from './support/measure.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const REQUESTS = 20_000;
const CALLBACKS = 3_000;

const HMAC = createSigningSecret('hmac-sha256');
const ED25519 = createSigningSecret('ed25519');
const event = sampleEvent({ seq: 7 });

const KINDS: Readonly<Record<string, readonly string[]>> = {
  none: [],
  v1: [HMAC],
  'v1, two secrets': [HMAC, createSigningSecret('hmac-sha256')],
  v1a: [ED25519],
  'v1 and v1a': [HMAC, ED25519],
};

/** Of this process with all its threads: WebCrypto works in others. */
function microsecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function requestMicroseconds(signingSecrets: readonly string[]): number {
  const format = new CallbackFormat(sampleEndpoint({ signingSecrets }), '1');
  const before = process.cpuUsage();
  for (let i = 0; i < REQUESTS; i += 1) format.request(event, 1, 1_795_428_000_000 + i);
  return microsecondsSince(before) / REQUESTS;
}

async function verifyMicroseconds(signingSecret: string, known: string): Promise<number> {
  const nowMs = 1_795_428_000_000;
  const format = new CallbackFormat(sampleEndpoint({ signingSecrets: [signingSecret], token: '' }), '1');
  const { path: url, headers: pairs, body } = format.request(event, 1, nowMs);
  const headers = Object.fromEntries(pairs.flatMap((name, at) => (at % 2 === 0 ? [[name, pairs[at + 1]]] : [])));
  const verify = createVerifier({ sdkAppId: APP, signingSecrets: [known], clock: { now: () => nowMs } });
  const before = process.cpuUsage();
  for (let i = 0; i < CALLBACKS; i += 1) {
    if (!(await verify({ url, headers, body })).ok) throw new Error('a callback was refused');
  }
  return microsecondsSince(before) / CALLBACKS;
}

async function medianOf(measure: () => number | Promise<number>): Promise<number> {
  await measure(); // to warm up
  const values: number[] = [];
  for (let i = 0; i < ROUNDS; i += 1) values.push(await measure());
  return median(values);
}

for (const [kind, secrets] of Object.entries(KINDS)) {
  report(`request, ${kind}`, { microseconds: await medianOf(() => requestMicroseconds(secrets)) });
}
report('verify, v1', { microseconds: await medianOf(() => verifyMicroseconds(HMAC, HMAC)) });
report('verify, v1a', {
  microseconds: await medianOf(() => verifyMicroseconds(ED25519, verificationKeyOf(ED25519) ?? '')),
});
