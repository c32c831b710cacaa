import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readServeConfig } from '../../config.ts';
import { describeStart } from './describe-start.ts';

const RUNNING = {
  port: 8090,
  adminToken: 'admin-token',
  isNewAdminToken: true,
  firstStart: { sdkAppId: 1_400_000_001, secretKey: 'key', administrator: 'administrator', userSig: 'sig' },
};

function described(flags: Readonly<Record<string, string>>): string {
  const cwd = '/nowhere';
  return describeStart(readServeConfig({ flags, env: {}, cwd }), RUNNING, cwd);
}

test('a first start says where the new store is: a folder, or a database without its password', () => {
  assert.match(described({ data: '/var/lib/portrait' }), /with a new store in \/var\/lib\/portrait and an app/);
  const text = described({ databaseUrl: 'postgres://portrait:secret@db.example.com:6432/chat?sslmode=verify-full' });
  assert.match(text, /with a new store in the database db\.example\.com:6432\/chat and an app/);
  assert.doesNotMatch(text, /:secret|sslmode/);
});
