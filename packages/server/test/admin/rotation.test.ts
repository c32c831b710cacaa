import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeSigningKey } from '@portrait/wire';
import { type Admin, type Answer, assertProblem, makeApp, makeEndpoint, START_MS, startAdmin } from './support.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const SEED_KEY = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=';
const VERIFICATION_KEY = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=';

const at = (ms: number): string => new Date(START_MS + ms).toISOString();

/** An endpoint, and how to rotate and show it. */
async function start(admin: Admin, body: object = {}) {
  const sdkAppId = await makeApp(admin);
  const path = `/apps/${sdkAppId}/endpoints/${await makeEndpoint(admin, sdkAppId, body)}`;
  const show = async (query = '?reveal=true'): Promise<Answer['body']> => (await admin.call('GET', path + query)).body;
  const call = (rotation: object): Promise<Answer> => admin.call('POST', `${path}/rotate`, rotation);
  const rotate = async (rotation: object): Promise<Answer['body']> => {
    const answer = await call(rotation);
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };
  return { path, show, call, rotate };
}

describe('admin API: rotation of a signing secret', () => {
  it('shows a new secret in front of the old one, which ends by itself', async (t) => {
    const admin = await startAdmin(t);
    const { show, rotate } = await start(admin, { signingSecrets: [SECRET], token: 'mytoken' });
    const before = await show();
    const rotated = await rotate({ what: 'signingSecret' });
    const [made, old] = rotated.signingSecrets;
    assert.match(made, /^whsec_[A-Za-z0-9+/]{32}$/);
    assert.equal(old, SECRET);
    const expected = {
      ...before,
      signingSecrets: [made, SECRET],
      retiringSecrets: [{ signingSecret: SECRET, until: at(DAY_MS) }],
    };
    assert.deepEqual(rotated, expected);
    assert.deepEqual(await show(), expected);
    const mask = (secret: string): string => `whsec_…${secret.slice(-4)}`;
    assert.deepEqual(await show(''), {
      ...expected,
      token: null,
      signingSecrets: [mask(made), mask(SECRET)],
      retiringSecrets: [{ signingSecret: mask(SECRET), until: at(DAY_MS) }],
    });
    admin.advance(DAY_MS - 1);
    assert.deepEqual((await show()).signingSecrets, [made, SECRET]);
    admin.advance(1);
    assert.deepEqual(await show(), { ...expected, signingSecrets: [made], retiringSecrets: [] });
  });

  it('ends at once without an overlap, what an earlier rotation left too', async (t) => {
    const admin = await startAdmin(t);
    const { show, rotate } = await start(admin);
    await rotate({ what: 'signingSecret' });
    const rotated = await rotate({ what: 'signingSecret', overlapSeconds: 0 });
    assert.equal(rotated.signingSecrets.length, 1);
    assert.deepEqual([rotated.retiringSecrets, await show()], [[], rotated]);
    assert.ok(!JSON.stringify(await admin.store.listEndpoints()).includes('retiringSecrets'), 'nothing is kept');
  });

  it('lets no old secret outlive the overlap of the newest rotation', async (t) => {
    const admin = await startAdmin(t);
    const { rotate } = await start(admin);
    const first = await rotate({ what: 'signingSecret', overlapSeconds: 3_600 });
    const second = await rotate({ what: 'signingSecret', overlapSeconds: 7_200 });
    const third = await rotate({ what: 'signingSecret', overlapSeconds: 1_800 });
    const untils = (body: Answer['body']): string[] =>
      body.retiringSecrets.map(({ until }: { until: string }) => until);
    assert.deepEqual(untils(first), [at(HOUR_MS)]);
    assert.deepEqual(untils(second), [at(2 * HOUR_MS), at(HOUR_MS)]);
    assert.deepEqual(untils(third), Array(3).fill(at(HOUR_MS / 2)));
    assert.equal(new Set(third.signingSecrets).size, 4);
  });

  it('has 5 live secrets at most, and says how to go on', async (t) => {
    const admin = await startAdmin(t);
    const { call, rotate } = await start(admin);
    for (const overlapSeconds of [10, 20, 30, 40]) {
      await rotate({ what: 'signingSecret', overlapSeconds: overlapSeconds + 86_400 });
      admin.advance(1_000);
    }
    const full = { what: 'signingSecret' };
    const says = [
      '5 signing secrets are live',
      `wait until ${at(DAY_MS + 10_000)}`,
      'overlapSeconds 0',
      'signingSecrets',
    ];
    assertProblem(await call(full), 409, ...says);
    admin.advance(DAY_MS + 6_000);
    assert.equal((await rotate(full)).signingSecrets.length, 5);
    assertProblem(await call(full), 409, '5 signing secrets are live');
    assert.equal((await rotate({ ...full, overlapSeconds: 0 })).signingSecrets.length, 1);
  });

  it('makes an Ed25519 key where it is asked for, or where one signs', async (t) => {
    const admin = await startAdmin(t);
    const { path, rotate, show } = await start(admin, { signingSecrets: [SECRET] });
    const rotated = await rotate({ what: 'signingSecret', type: 'ed25519' });
    const [made, old] = rotated.signingSecrets;
    const key = decodeSigningKey(made);
    assert.ok(key?.publicKey, 'in the form with its public key');
    assert.deepEqual(rotated.verificationKeys, [`whpk_${Buffer.from(key.publicKey).toString('base64')}`]);
    assert.equal(old, SECRET);
    const hidden = await show('');
    assert.deepEqual(hidden.verificationKeys, rotated.verificationKeys, 'public keys are no secret');
    assert.equal(hidden.signingSecrets[0], `whsk_…${made.slice(-4)}`);
    const again = await rotate({ what: 'signingSecret' });
    assert.ok(again.signingSecrets[0].startsWith('whsk_'));
    assert.equal(again.verificationKeys.length, 2);
    const back = await rotate({ what: 'signingSecret', type: 'hmac-sha256' });
    assert.ok(back.signingSecrets[0].startsWith('whsec_'));
    const given = await admin.call('PATCH', `${path}?reveal=true`, { signingSecrets: [SEED_KEY, SECRET] });
    assert.deepEqual(given.body.signingSecrets, [SEED_KEY, SECRET]);
    assert.deepEqual(given.body.verificationKeys, [VERIFICATION_KEY]);
  });

  it('is undone by secrets that are given: they hold from then on, and alone', async (t) => {
    const admin = await startAdmin(t);
    const { path, rotate, show } = await start(admin);
    const { signingSecrets } = await rotate({ what: 'signingSecret' });
    await admin.call('PATCH', path, { timeoutMs: 500 });
    assert.deepEqual((await show()).signingSecrets, signingSecrets, 'another change leaves them');
    await admin.call('PATCH', path, { signingSecrets });
    const { signingSecrets: kept, retiringSecrets } = await show();
    assert.deepEqual([kept, retiringSecrets], [signingSecrets, []]);
    admin.advance(2 * DAY_MS);
    assert.deepEqual((await show()).signingSecrets, signingSecrets);
  });

  it('starts with an Ed25519 key if the endpoint is made so', async (t) => {
    const admin = await startAdmin(t);
    const { show } = await start(admin, { signingSecretType: 'ed25519' });
    const { signingSecrets, verificationKeys } = await show();
    assert.match(signingSecrets.join(), /^whsk_[A-Za-z0-9+/]{86}==$/);
    assert.match(verificationKeys.join(), /^whpk_[A-Za-z0-9+/]{43}=$/);
  });
});

describe('admin API: rotation of a token', () => {
  it('signs with a new one, and shows the old one while callbacks under way may carry it', async (t) => {
    const admin = await startAdmin(t);
    const { show, rotate } = await start(admin, { token: 'mytoken' });
    const before = await show();
    const rotated = await rotate({ what: 'token', overlapSeconds: 60 });
    assert.match(rotated.token, /^[A-Za-z0-9_-]{32}$/);
    const { token } = rotated;
    assert.deepEqual(rotated, { ...before, token, previousToken: 'mytoken', previousTokenUntil: at(60_000) });
    assert.deepEqual(await show(), rotated);
    const { token: hidden, previousToken, previousTokenUntil } = await show('');
    assert.deepEqual([hidden, previousToken, previousTokenUntil], [null, null, at(60_000)]);
    admin.advance(60_000);
    assert.deepEqual(await show(), { ...before, token });
  });

  it('leaves no previous one where there was none, or without an overlap, or when another is given', async (t) => {
    const admin = await startAdmin(t);
    const { path, rotate, show } = await start(admin);
    const first = await rotate({ what: 'token' });
    assert.equal(first.previousTokenUntil, null);
    const second = await rotate({ what: 'token' });
    assert.equal(second.previousToken, first.token);
    assert.equal((await rotate({ what: 'token', overlapSeconds: 0 })).previousTokenUntil, null);
    await rotate({ what: 'token' });
    await admin.call('PATCH', path, { token: 'chosen' });
    const { token, previousTokenUntil } = await show();
    assert.deepEqual([token, previousTokenUntil], ['chosen', null]);
  });
});

describe('admin API: rotation', () => {
  it('refuses what it does not know, and names the member', async (t) => {
    const admin = await startAdmin(t);
    const { call, show } = await start(admin);
    const before = await show();
    for (const [body, pointer, says] of [
      [{}, '#/what', /is required/],
      [{ what: 'url' }, '#/what', /one of "token", "signingSecret"/],
      [{ what: 'token', overlapSeconds: -1 }, '#/overlapSeconds', /from 0 to 2592000, got -1/],
      [{ what: 'token', overlapSeconds: 2_592_001 }, '#/overlapSeconds', /from 0 to 2592000/],
      [{ what: 'token', overlapSeconds: 1.5 }, '#/overlapSeconds', /an integer/],
      [{ what: 'token', type: 'ed25519' }, '#/type', /a token has no types/],
      [{ what: 'signingSecret', type: 'rsa' }, '#/type', /"hmac-sha256", "ed25519"/],
      [{ what: 'signingSecret', secret: SECRET }, '#/secret', /is not known here/],
    ] as const) {
      const faults = assertProblem(await call(body), 400);
      assert.deepEqual(Object.keys(faults), [pointer]);
      assert.match(faults[pointer] ?? '', says);
    }
    assert.deepEqual(await show(), before);
  });

  it('knows no endpoint of another app', async (t) => {
    const admin = await startAdmin(t);
    const { path } = await start(admin);
    const other = await makeApp(admin);
    const elsewhere = path.replace(/^\/apps\/\d+/, `/apps/${other}`);
    assertProblem(await admin.call('POST', `${elsewhere}/rotate`, { what: 'token' }), 404, 'there is no endpoint');
  });

  it('takes the longest overlap, and writes no secret into the log', async (t) => {
    const admin = await startAdmin(t);
    const { rotate } = await start(admin, { token: 'mytoken' });
    const { previousTokenUntil, token, signingSecrets } = await rotate({ what: 'token', overlapSeconds: 2_592_000 });
    assert.equal(previousTokenUntil, at(30 * DAY_MS));
    const written = JSON.stringify(admin.lines);
    for (const secret of ['mytoken', token, ...signingSecrets]) assert.ok(!written.includes(secret));
  });

  it('two at the same time both count', async (t) => {
    const admin = await startAdmin(t);
    const { call, show } = await start(admin);
    const answers = await Promise.all([1, 2].map(() => call({ what: 'signingSecret' })));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    );
    const { signingSecrets } = await show();
    assert.equal(new Set(signingSecrets).size, 3);
  });
});
