/** The vectors that are shipped are those that the cases make, and say what they should. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeVectors } from './vector-cases.ts';

const EXPECTED: Readonly<Record<string, string>> = {
  'body signature and Sign': 'body-signature',
  'another body under the same signatures': 'signature-mismatch',
  'another id under the same signature': 'signature-mismatch',
  'signed with a secret that is not known': 'signature-mismatch',
  'signed with an old and a new secret': 'body-signature',
  'Ed25519, verified with the public key': 'body-signature',
  'Ed25519 with another body': 'signature-mismatch',
  'no token is known, Sign is not looked at': 'body-signature',
  'a wrong Sign beside a good body signature': 'sign-mismatch',
  'a right Sign beside a wrong body signature, either would do': 'signature-mismatch',
  'Sign alone, either would do': 'token',
  'Sign alone, the body signature is required': 'signature-missing',
  'the signature header was taken away, either would do': 'signature-missing',
  'Sign alone, asked for alone': 'token',
  'Sign 60 seconds ago': 'token',
  'Sign 61 seconds ago': 'sign-too-old',
  'Sign 61 seconds ahead': 'sign-too-new',
  'Sign of the old token while both are known': 'token',
  'Sign in upper case': 'sign-mismatch',
  'no Sign': 'sign-missing',
  'body signature 300 seconds ago': 'body-signature',
  'body signature 301 seconds ago': 'signature-too-old',
  'body signature 301 seconds ahead': 'signature-too-new',
  'another app': 'app',
  'URL and body name different commands': 'command',
  'a body that is no JSON, well signed': 'body',
  'text that is not ASCII': 'body-signature',
  'blanks in the JSON, which the signature covers': 'body-signature',
  'a command without a type': 'body-signature',
  'several signatures of other versions': 'body-signature',
};

const FILE = new URL('../vectors/callbacks.json', import.meta.url);

test('the file is what the cases make: node --conditions=source packages/receiver/test/write-vectors.ts', async () => {
  assert.deepEqual(JSON.parse(readFileSync(FILE, 'utf8')), JSON.parse(JSON.stringify(await makeVectors())));
});

test('each says what it should', async () => {
  const { cases } = await makeVectors();
  const said = cases.map(({ name, expected }) => {
    const { provedBy, reason } = expected as { provedBy?: string; reason?: string };
    return [name, provedBy ?? reason];
  });
  assert.deepEqual(Object.fromEntries(said), EXPECTED);
});
