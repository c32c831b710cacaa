import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { describe, it } from 'node:test';
import { makeCertificate } from '../support/certificate.ts';
import { assertProblem, makeApp, startAdmin } from './support.ts';

const URL_GIVEN = 'https://hooks.example.com/cb';
/** The clock of these tests stands in 2026-11; certificates end by the real one. */
const endsInDays = 3_650;
const authority = makeCertificate({ name: 'own authority', endsInDays });
const client = makeCertificate({ name: 'portrait', issuer: authority, endsInDays: endsInDays - 1 });
const renewed = makeCertificate({ name: 'portrait', issuer: authority, endsInDays });
const expired = makeCertificate({ name: 'portrait', endsInDays: -3_650 });
const { cert, key } = client;
const ca = authority.cert;
const encryptedKey = createPrivateKey(key).export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'hunter2',
}) as string;
const weak = makeCertificate({ curve: 'secp112r1', endsInDays });

/** To the second, as certificates have it. */
const endOf = (days: number): number => Math.floor((Date.now() + days * 86_400_000) / 1_000) * 1_000;

describe('admin API: tls of an endpoint', () => {
  it('is kept, shown without the private key, and tells when it ends', async (t) => {
    const admin = await startAdmin(t);
    const path = `/apps/${await makeApp(admin)}/endpoints`;
    const made = await admin.call('POST', path, { url: URL_GIVEN, tls: { ca, cert, key } });
    assert.equal(made.status, 201, made.text);
    const { expiresAt, ...shown } = made.body.tls;
    assert.deepEqual(shown, { ca, cert, key: null });
    const wanted = endOf(endsInDays - 1);
    assert.ok(Math.abs(Date.parse(expiresAt) - wanted) <= 600_000, `${expiresAt}, the first of them`);
    const one = `${path}/${made.body.endpointId}`;
    assert.deepEqual((await admin.call('GET', one)).body.tls, made.body.tls);
    assert.deepEqual((await admin.call('GET', `${one}?reveal=true`)).body.tls, { ...made.body.tls, key });
    assert.equal((await admin.call('GET', path)).body.items[0].tls.key, null);
    assert.equal((await admin.call('POST', `${one}/rotate`, { what: 'token' })).body.tls.key, null);
    assert.ok(!JSON.stringify(admin.lines).includes('PRIVATE KEY'));
    assert.deepEqual(admin.directory.endpoint(made.body.endpointId)?.tls, { ca, cert, key });
  });

  it('is changed member by member, and taken away by null', async (t) => {
    const admin = await startAdmin(t);
    const path = `/apps/${await makeApp(admin)}/endpoints`;
    const { endpointId } = (await admin.call('POST', path, { url: URL_GIVEN, tls: { ca } })).body;
    const stored = () => admin.directory.endpoint(endpointId)?.tls;
    const patch = async (tls: unknown, more: object = {}): Promise<void> => {
      const answer = await admin.call('PATCH', `${path}/${endpointId}`, { tls, ...more });
      assert.equal(answer.status, 200, answer.text);
    };
    assert.deepEqual(stored(), { ca });
    await patch({ cert, key });
    assert.deepEqual(stored(), { ca, cert, key });
    await patch({ cert: renewed.cert, key: renewed.key });
    assert.deepEqual(stored(), { ca, cert: renewed.cert, key: renewed.key });
    await patch(undefined, { timeoutMs: 500 });
    assert.deepEqual(stored(), { ca, cert: renewed.cert, key: renewed.key });
    await patch({ ca: null });
    assert.deepEqual(stored(), { cert: renewed.cert, key: renewed.key });
    await patch({ cert: null, key: null });
    assert.equal(stored(), undefined);
    await patch({ ca });
    await patch(null, { url: 'http://hooks.example.com/' });
    assert.equal(stored(), undefined);
    assert.equal((await admin.call('GET', `${path}/${endpointId}`)).body.tls, null);
  });

  const bad: readonly [why: string, body: object, pointer: string, says: RegExp][] = [
    ['with http', { url: 'http://hooks.example.com/', tls: { ca } }, '#/tls', /is for https URLs only/],
    ['no object', { tls: 'hunter2' }, '#/tls', /a JSON object or null/],
    ['unknown member', { tls: { ca, passphrase: 'hunter2' } }, '#/tls/passphrase', /expected one of ca, cert, key/],
    ['ca no PEM', { tls: { ca: 'hunter2' } }, '#/tls/ca', /expected PEM/],
    ['ca of the wrong type', { tls: { ca: 5 } }, '#/tls/ca', /a string of at most 32768 characters or null, got 5/],
    ['ca broken', { tls: { ca: ca.replace('MI', 'XX') } }, '#/tls/ca', /certificate 1 of 1 can not be read/],
    ['second of ca broken', { tls: { ca: ca + ca.replace('MI', 'XX') } }, '#/tls/ca', /certificate 2 of 2/],
    ['ca ran out', { tls: { ca: expired.cert } }, '#/tls/ca', /ran out on 20\d\d-/],
    ['ca too long', { tls: { ca: 'x'.repeat(32_769) } }, '#/tls/ca', /at most 32768/],
    ['key among ca', { tls: { ca: ca + key } }, '#/tls/ca', /a private key is among them/],
    ['key among cert', { tls: { cert: cert + key, key } }, '#/tls/cert', /a private key is among them/],
    ['cert ran out', { tls: { cert: expired.cert, key: expired.key } }, '#/tls/cert', /ran out on 20\d\d-/],
    ['cert too long', { tls: { cert: 'x'.repeat(16_385), key } }, '#/tls/cert', /at most 16384/],
    ['cert without key', { tls: { cert } }, '#/tls/key', /is missing/],
    ['key without cert', { tls: { key } }, '#/tls/cert', /is missing/],
    ['key no PEM', { tls: { cert, key: 'hunter2' } }, '#/tls/key', /expected a private key in PEM/],
    ['key of the wrong type', { tls: { cert, key: 5 } }, '#/tls/key', /got a number/],
    ['key too long', { tls: { cert, key: 'hunter2'.repeat(2_000) } }, '#/tls/key', /at most 8192/],
    ['key of another', { tls: { cert, key: renewed.key } }, '#/tls/key', /does not belong to the certificate/],
    ['key encrypted', { tls: { cert, key: encryptedKey } }, '#/tls/key', /is encrypted/],
    ['key of a chain in wrong order', { tls: { cert: ca + cert, key } }, '#/tls/key', /the first one of cert/],
    ['weak key', { tls: { cert: weak.cert, key: weak.key } }, '#/tls', /can not be used: ee key too small/],
  ];

  it('is refused when it can not work, with the member and no part of the key', async (t) => {
    const admin = await startAdmin(t);
    const path = `/apps/${await makeApp(admin)}/endpoints`;
    for (const [why, body, pointer, says] of bad) {
      const answer = await admin.call('POST', path, { url: URL_GIVEN, ...body });
      const faults = assertProblem(answer, 400);
      assert.deepEqual(Object.keys(faults), [pointer], why);
      assert.match(faults[pointer] ?? '', says, why);
      assert.ok(!/hunter2/.test(answer.text) && !answer.text.includes(key.slice(40, 80)), why);
    }
    assert.deepEqual(admin.directory.endpoints(), []);
  });

  it('stands against a change of the URL to http, and takes what makes one half of a pair only with the other', async (t) => {
    const admin = await startAdmin(t);
    const path = `/apps/${await makeApp(admin)}/endpoints`;
    const { endpointId } = (await admin.call('POST', path, { url: URL_GIVEN, tls: { cert, key } })).body;
    const patch = (body: object) => admin.call('PATCH', `${path}/${endpointId}`, body);
    assertProblem(await patch({ url: 'http://hooks.example.com/' }), 400, 'tls: is for https URLs only');
    assertProblem(await patch({ tls: { cert: renewed.cert } }), 400, 'does not belong');
    assertProblem(await patch({ tls: { key: null } }), 400, 'is missing');
    assert.deepEqual(admin.directory.endpoint(endpointId)?.tls, { cert, key });
  });

  it('takes a chain, and all of the largest sizes in one body', async (t) => {
    const admin = await startAdmin(t);
    const path = `/apps/${await makeApp(admin)}/endpoints`;
    const fill = (pem: string, length: number): string => pem + '\n'.repeat(length - pem.length);
    // newlines are two characters in JSON: what fills up are certificates
    const many = (pem: string, length: number): string => pem.repeat(Math.floor(length / pem.length));
    const tls = { ca: many(ca, 32_768), cert: many(cert, 16_384), key: fill(key, 300) };
    const answer = await admin.call('POST', path, { url: URL_GIVEN, tls });
    assert.equal(answer.status, 201, answer.text);
  });
});
