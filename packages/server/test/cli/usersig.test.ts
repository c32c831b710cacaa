import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyUserSig } from '@portrait/wire';
import { startServer } from './support/server.ts';

test('usersig prints a UserSig and nothing else', async (context) => {
  const server = await startServer(context);
  const { secretKey } = (await server.runJson('app', 'show', '--reveal')) as { secretKey: string };
  const nowSeconds = Date.now() / 1000;

  const printed = await server.runWell('usersig', 'al ice', '--expire', '24h');
  assert.match(printed, /^[A-Za-z0-9*_-]+\n$/);
  const expected = { sdkAppId: 1_400_000_001, userId: 'al ice', secretKey, nowSeconds };
  const verified = await verifyUserSig(printed.trim(), expected);
  assert.ok(verified.ok);
  assert.equal(verified.value.expireSeconds, 86_400);

  const detailed = (await server.runJson('usersig', 'al ice')) as Record<string, string>;
  const { userSig = '', issuedAt = '', expiresAt = '', ...rest } = detailed;
  assert.deepEqual(rest, { sdkAppId: 1_400_000_001, userId: 'al ice' });
  assert.ok((await verifyUserSig(userSig, expected)).ok);
  assert.equal(Date.parse(expiresAt) - Date.parse(issuedAt), 180 * 86_400_000);
});
