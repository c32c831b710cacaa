import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeCertificate } from '../support/certificate.ts';
import { SECRET } from './support/callbacks.ts';
import { startServer } from './support/server.ts';

const URL_GIVEN = 'https://hooks.example.com/callback';
const UNTIL = /\d{4}-\d\d-\d\dT[\d:.]+Z/;

interface Shown {
  readonly endpointId: string;
  readonly previousToken: string | null;
  readonly signingSecrets: readonly string[];
  readonly retiringSecrets: readonly { readonly signingSecret: string; readonly until: string }[];
  readonly verificationKeys: readonly string[];
  readonly tls: { readonly ca: string | null; readonly cert: string | null; readonly key: string | null } | null;
}

test('a signing secret and a token are rotated, and both are shown with the end of the old one', async (context) => {
  const server = await startServer(context);
  const add = ['endpoint', 'add', URL_GIVEN, '--signing-secret', SECRET, '--token', 's3cr3t'];
  const { endpointId: id } = (await server.runJson(...add)) as Shown;

  const printed = await server.runWell('endpoint', 'rotate', id, 'signing-secret', '--overlap', '12h');
  assert.match(
    printed,
    new RegExp(
      `^Endpoint +${id}\n` +
        'URL +https://hooks\\.example\\.com/callback\n' +
        'Token +s3cr3t\n' +
        `Signing secret +whsec_\\S+\nSigning secret +${SECRET}, until ${UNTIL.source}\n` +
        '\nGive the new signing secret to what runs at this URL before the old one ends; that happens by itself\\.\n$',
    ),
  );
  const { signingSecrets, retiringSecrets } = (await server.runJson('endpoint', 'show', id, '--reveal')) as Shown;
  assert.equal(signingSecrets.length, 2);
  const hours = (Date.parse(retiringSecrets[0]?.until ?? '') - Date.now()) / 3_600_000;
  assert.ok(hours > 11.9 && hours <= 12, `${hours} hours`);

  const token = await server.runWell('endpoint', 'rotate', id, 'token');
  assert.match(token, new RegExp(`\nToken +\\S{32}\nPrevious token +s3cr3t, until ${UNTIL.source}\n`));
  assert.match(token, /\nThe new token signs from now on\./);
  const hidden = await server.runWell('endpoint', 'show', id);
  assert.match(hidden, new RegExp(`\nToken +hidden.*\nPrevious token +hidden, until ${UNTIL.source}\n`));
  assert.match(hidden, new RegExp(`\nSigning secret +whsec_….{4}, until ${UNTIL.source}\n`));
  assert.ok(!hidden.includes('s3cr3t') && !hidden.includes(SECRET));

  const ended = await server.runWell('endpoint', 'rotate', id, 'signing-secret', '--overlap', '0s');
  assert.equal(ended.match(/Signing secret/g)?.length, 1);
  assert.match(ended, /\nThe old ones have ended\. Give the new signing secret to/);
});

test('an Ed25519 key is made, and what to give to the receiver is said', async (context) => {
  const server = await startServer(context);
  const added = await server.runWell('endpoint', 'add', URL_GIVEN, '--signing-secret-type', 'ed25519');
  const [, id = ''] = /^Endpoint +(\S+)/.exec(added) ?? [];
  assert.match(added, /\nSigning secret +whsk_\S{88}\nVerification key +whpk_\S{44}\n\nGive the verification key to/);
  const rotated = (await server.runJson('endpoint', 'rotate', id, 'signing-secret')) as Shown;
  assert.deepEqual([rotated.signingSecrets.length, rotated.verificationKeys.length], [2, 2]);
  const back = (await server.runJson('endpoint', 'rotate', id, 'signing-secret', '--type', 'hmac-sha256')) as Shown;
  assert.match(back.signingSecrets[0] ?? '', /^whsec_/);
});

test('what can not be rotated so is told in one sentence', async (context) => {
  const server = await startServer(context);
  const { endpointId: id } = (await server.runJson('endpoint', 'add', URL_GIVEN)) as Shown;
  for (const [args, says] of [
    [[id, 'url'], /^<what> takes one of token, signing-secret, not "url"\.\n$/],
    [[id], /<what> is missing/],
    [[id, 'token', '--overlap', '31d'], /^--overlap takes a duration from 0s to 30d/],
    [[id, 'token', '--type', 'ed25519'], /^--type is for signing secrets/],
    [[id, 'signing-secret', '--type', 'rsa'], /^--type takes one of hmac-sha256, ed25519/],
  ] as const) {
    const { code, stderr } = await server.run('endpoint', 'rotate', ...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
  }
  for (let i = 0; i < 4; i += 1) await server.runWell('endpoint', 'rotate', id, 'signing-secret');
  const full = await server.run('endpoint', 'rotate', id, 'signing-secret');
  assert.equal(full.code, 1);
  assert.match(full.stderr, /^5 signing secrets are live, which is the most: .*\n$/);
});

test('certificates are read from files, shown in short, and taken away', async (context) => {
  const server = await startServer(context);
  const authority = makeCertificate({ name: 'own authority', endsInDays: 30 });
  const client = makeCertificate({ name: 'portrait', issuer: authority, endsInDays: 20 });
  const file = (name: string, content: string): string => {
    writeFileSync(join(server.folder, name), content);
    return name;
  };
  const [ca, cert, key] = [file('ca.pem', authority.cert), file('cert.pem', client.cert), file('key.pem', client.key)];
  const flags = ['--tls-ca', ca, '--tls-cert', cert, '--tls-key', key];
  const added = (await server.runJson('endpoint', 'add', URL_GIVEN, ...flags)) as Shown;
  const { endpointId: id } = added;
  assert.deepEqual([added.tls?.ca, added.tls?.cert, added.tls?.key], [authority.cert, client.cert, null]);
  const shown = await server.runWell('endpoint', 'show', id);
  assert.match(shown, new RegExp(`\nTLS +own authority, client certificate; ends ${UNTIL.source}\n`));
  const without = (await server.runJson('endpoint', 'update', id, '--tls-cert', '', '--tls-key', '')) as Shown;
  assert.deepEqual([without.tls?.ca, without.tls?.cert], [authority.cert, null]);
  assert.equal(((await server.runJson('endpoint', 'update', id, '--tls-ca', '')) as Shown).tls, null);

  const missing = await server.run('endpoint', 'update', id, '--tls-ca', 'nothing.pem');
  assert.deepEqual([missing.code, missing.stderr], [1, '--tls-ca: nothing.pem can not be read: ENOENT.\n']);
  const wrong = await server.run('endpoint', 'update', id, '--tls-cert', cert, '--tls-key', ca);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /^tls\.key: expected a private key in PEM/);
});
