/** What a receiver spends on a callback of 1 kB: processor time of this process with all its threads. Bar: 50 µs to verify one. */
import { createHandler, createVerifier, type IncomingCallback, type VerifyOptions, verify } from '@portrait/receiver';
import { type CallbackParts, ManualClock, profileBody, signedParts } from '@portrait/receiver/testing';
import { createSigningSecret } from '../packages/server/src/admin/secrets.ts';
import { verificationKeyOf } from '../packages/server/src/signing-keys.ts';
import { median, report } from './support/measure.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 7);
const CALLBACKS = 3_000;
const BAR_MICROSECONDS = 50;
const BODY_BYTES = 1024;

const HMAC = createSigningSecret('hmac-sha256');
const OTHER = createSigningSecret('hmac-sha256');
const ED25519 = createSigningSecret('ed25519');
const APP = { sdkAppId: 1_400_000_001 };
const clock = new ManualClock();

/** A change whose body has 1,024 bytes. */
function bodyOfOneKilobyte(): string {
  const changed = { nick: 'Alice', selfSignature: 's'.repeat(400), location: '' };
  const rest = BODY_BYTES - profileBody({ userId: 'alice', changed }).length;
  return profileBody({ userId: 'alice', changed: { ...changed, location: 'l'.repeat(rest) } });
}

const body = bodyOfOneKilobyte();
const sent = (parts: Partial<CallbackParts>): Promise<IncomingCallback> => signedParts({ ...APP, body, ...parts });

async function microseconds(run: (at: number) => Promise<boolean>): Promise<number> {
  const values: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const before = process.cpuUsage();
    for (let at = 0; at < CALLBACKS; at += 1) {
      if (!(await run(round * CALLBACKS + at))) throw new Error('a callback was refused');
    }
    const { user, system } = process.cpuUsage(before);
    if (round > 0) values.push((user + system) / CALLBACKS); // the first is to warm up
  }
  return median(values);
}

async function measureVerifier(
  name: string,
  request: IncomingCallback,
  known: Partial<VerifyOptions>,
): Promise<number> {
  const verifier = createVerifier({ ...APP, ...known, clock });
  const spent = await microseconds(async () => (await verifier(request)).ok);
  report(name, { microseconds: spent });
  return spent;
}

const v1 = await sent({ signingSecrets: [HMAC] });
const spent = await measureVerifier('v1', v1, { signingSecrets: [HMAC] });
await measureVerifier('v1, two secrets known', v1, { signingSecrets: [OTHER, HMAC] });
await measureVerifier('v1 and Sign', await sent({ signingSecrets: [HMAC], token: 't' }), {
  signingSecrets: [HMAC],
  token: 't',
});
await measureVerifier('Sign', await sent({ token: 't' }), { token: 't' });
await measureVerifier('v1a', await sent({ signingSecrets: [ED25519] }), {
  signingSecrets: [verificationKeyOf(ED25519) ?? ''],
});
await measureVerifier('nothing, only reading', await sent({}), { require: 'none' });

const once = { ...APP, signingSecrets: [HMAC], clock };
report('v1 by verify()', { microseconds: await microseconds(async () => (await verify(v1, once)).ok) });

const handler = createHandler({ ...once, on: { 'Profile.CallbackPortraitSet': () => undefined } });
const repeated = await microseconds(async () => (await handler.receive(v1)).status === 200);
report('createHandler, a repeat', { microseconds: repeated });

const stored = createHandler({ ...once, require: 'none', on: { 'Profile.CallbackPortraitSet': () => undefined } });
const { headers } = v1;
const numbered = (at: number): IncomingCallback => ({ ...v1, headers: { ...headers, 'webhook-id': `evt_${at}` } });
const handled = await microseconds(async (at) => (await stored.receive(numbered(at))).status === 200);
report('createHandler, new, unverified', { microseconds: handled });

console.log(spent <= BAR_MICROSECONDS ? 'bar held' : `bar missed: ${spent.toFixed(1)} µs > ${BAR_MICROSECONDS} µs`);
