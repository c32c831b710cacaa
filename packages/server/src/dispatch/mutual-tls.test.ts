/** Client certificates and own authorities, against a real https server that wants them. */
import assert from 'node:assert/strict';
import { createSecureServer } from 'node:http2';
import { createServer, type ServerOptions } from 'node:https';
import { describe, type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { makeCertificate } from '../../test/support/certificate.ts';
import { listen } from '../../test/support/loopback.ts';
import { systemClock } from '../clock.ts';
import type { EndpointTls } from '../storage/store.ts';
import { addressRule, LOOPBACK_NETWORKS } from './addresses.ts';
import { Poster, type PostResult } from './post.ts';
import { describeTlsFault, TlsSettingsError } from './tls-fault.ts';

const OK = '{"ErrorCode":0}';
const REQUEST = { path: '/cb', headers: [], body: '{}', timeoutMs: 30_000 };

const authority = makeCertificate({ name: 'own authority' });
const stranger = makeCertificate({ name: 'other authority' });
const receiver = makeCertificate({ issuer: authority });
const ours = makeCertificate({ name: 'portrait', issuer: authority });
const ca = authority.cert;
const right: EndpointTls = { ca, cert: ours.cert, key: ours.key };
const ofStranger = makeCertificate({ name: 'portrait', issuer: stranger });
const expired = makeCertificate({ name: 'portrait', issuer: authority, endsInDays: -1 });

/** @returns names of the clients that were let in */
async function startReceiver(t: TestContext, options: ServerOptions = {}): Promise<{ port: number; seen: string[] }> {
  const seen: string[] = [];
  const wanted = { ...receiver, ca, requestCert: true, rejectUnauthorized: true };
  const server = createServer({ ...wanted, ...options }, (request, response) => {
    seen.push(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN));
    response.end(OK);
  });
  const { port } = await listen(server, t);
  return { port, seen };
}

function posterTo(t: TestContext, origin: string, tls: EndpointTls | undefined): Poster {
  const rule = addressRule(LOOPBACK_NETWORKS);
  const poster = new Poster({ origin, connections: 2, connectTimeoutMs: 30_000, rule, clock: systemClock, tls });
  t.after(() => poster.close());
  return poster;
}

function assertTls(result: PostResult, detail: RegExp): void {
  assert.ok(result.kind === 'fault', JSON.stringify(result));
  assert.deepEqual([result.reason, detail.test(result.detail)], ['tls', true], result.detail);
  assert.doesNotMatch(result.detail, /\n|SSL routines|PRIVATE/, 'readable, on one line');
}

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  describe(`a receiver that wants a client certificate, ${maxVersion}`, () => {
    test('is given it, on each connection', async (t) => {
      const { port, seen } = await startReceiver(t, { maxVersion });
      const poster = posterTo(t, `https://localhost:${port}`, right);
      for (let i = 0; i < 3; i += 1) assert.equal((await poster.post(REQUEST)).kind, 'answer');
      await Promise.all([1, 2].map(() => poster.post(REQUEST)));
      assert.deepEqual(seen, Array(5).fill('portrait'));
    });

    for (const [name, tls, detail] of [
      ['has none', { ca }, /^ERR_SSL_.*client certificate.*tls\.cert/],
      ['has one of another authority', { ...ofStranger, ca }, /^[A-Z_]+: .*not take our client certificate/],
      ['has one that has run out', { ...expired, ca }, /^[A-Z_]+: .*not take our client certificate/],
    ] as const) {
      test(`refuses us when it ${name}`, async (t) => {
        const { port, seen } = await startReceiver(t, { maxVersion });
        const poster = posterTo(t, `https://localhost:${port}`, tls);
        for (let i = 0; i < 2; i += 1) assertTls(await poster.post(REQUEST), detail);
        assert.deepEqual(seen, []);
      });
    }

    for (const [name, certificate, tls, detail] of [
      ['of an unknown authority', makeCertificate({ issuer: stranger }), right, /authority that is not known.*tls\.ca/],
      ['of an own authority that nobody named', receiver, { ...right, ca: undefined }, /authority that is not known/],
      ['self-signed', makeCertificate(), right, /self-signed/],
      ['run out', makeCertificate({ issuer: authority, endsInDays: -1 }), right, /^CERT_HAS_EXPIRED: .*has run out/],
      [
        'for another host name',
        makeCertificate({ issuer: authority, name: 'elsewhere.test' }),
        right,
        /^ERR_TLS_CERT_ALTNAME_INVALID: .*another host name.*elsewhere\.test/,
      ],
    ] as const) {
      test(`is refused when its own certificate is ${name}`, async (t) => {
        const { port, seen } = await startReceiver(t, { ...certificate, maxVersion });
        const { ca: authorities, ...rest } = tls;
        const given = authorities === undefined ? rest : { ...rest, ca: authorities };
        assertTls(await posterTo(t, `https://localhost:${port}`, given).post(REQUEST), detail);
        assert.deepEqual(seen, []);
      });
    }
  });
}

test('an own authority is enough for a receiver that wants no certificate, and stands in place of the public ones', async (t) => {
  const { port } = await startReceiver(t, { requestCert: false });
  assert.equal((await posterTo(t, `https://localhost:${port}`, { ca }).post(REQUEST)).kind, 'answer');
  const other = posterTo(t, `https://localhost:${port}`, { ca: stranger.cert });
  assertTls(await other.post(REQUEST), /authority that is not known/);
});

test('a certificate of its own is among those that may be named', async (t) => {
  const selfSigned = makeCertificate();
  const { port } = await startReceiver(t, { ...selfSigned, requestCert: false });
  const poster = posterTo(t, `https://localhost:${port}`, { ca: selfSigned.cert });
  assert.equal((await poster.post(REQUEST)).kind, 'answer');
});

test('the certificate is shown over HTTP/2 too', async (t) => {
  const seen: string[] = [];
  const server = createSecureServer(
    { ...receiver, ca, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      const socket = request.stream.session?.socket as TLSSocket | undefined;
      seen.push(String(socket?.getPeerCertificate().subject?.CN));
      request.resume().on('end', () => response.end(OK));
    },
  );
  const { port } = await listen(server, t);
  assert.equal((await posterTo(t, `https://localhost:${port}`, right).post(REQUEST)).kind, 'answer');
  assert.deepEqual(seen, ['portrait']);
  assertTls(await posterTo(t, `https://localhost:${port}`, { ca }).post(REQUEST), /client certificate/);
});

test('settings that OpenSSL refuses are a fault of this endpoint, at each attempt', async (t) => {
  const { port } = await startReceiver(t);
  const poster = posterTo(t, `https://localhost:${port}`, { ...right, key: ofStranger.key });
  for (let i = 0; i < 2; i += 1)
    assertTls(await poster.post(REQUEST), /^the endpoint's tls can not be used: key values/);
});

test('who hangs up after he answered once is no case of TLS', () => {
  const hangUp = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
  assert.equal(describeTlsFault(hangUp, false), undefined);
  assert.match(describeTlsFault(hangUp, true) ?? '', /may not take our client certificate/);
});

test('alerts are told in words, whatever the version of the protocol', () => {
  const told = (code: string, reason = 'x'): string | undefined =>
    describeTlsFault(Object.assign(new Error('1F:error:0A:SSL routines::x\n'), { code, reason }), false);
  for (const [code, words] of [
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', /its authority is not known there/],
    ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED', /it has run out/],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', /it has run out/],
    ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_REVOKED', /revoked/],
    ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', /does not take our client certificate/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /^ERR_SSL_WRONG_VERSION_NUMBER: x$/],
  ] as const) {
    assert.match(told(code) ?? '', words);
  }
  assert.equal(told('ECONNREFUSED'), undefined);
  assert.match(describeTlsFault(new TlsSettingsError(new Error('x')), false) ?? '', /OpenSSL refuses it/);
});
