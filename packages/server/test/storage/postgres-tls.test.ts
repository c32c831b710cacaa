/** The store over TLS, as the URL asks for it. */
import assert from 'node:assert/strict';
import { chownSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { StoreError } from '../../src/errors.ts';
import { openPostgresStore } from '../../src/storage/postgres/open.ts';
import { makeCertificate } from '../support/certificate.ts';
import { atEnd, tempFolder } from '../support/live/cleanup.ts';
import { startPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';

test('sslmode=verify-full takes the server whose authority is named, and no other', async (t) => {
  const postgres = await startPostgres();
  atEnd(t, () => postgres.stop());
  const plain = await postgres.createDatabase();
  const [{ data_directory: folder } = {}] = await postgres.query('SHOW data_directory');
  const owner = statSync(String(folder));
  const authority = makeCertificate({ name: 'authority' });
  const { cert, key } = makeCertificate({ issuer: authority });
  for (const [name, text] of [
    ['server.crt', cert],
    ['server.key', key],
  ] as const) {
    const file = join(String(folder), name);
    writeFileSync(file, text, { mode: 0o600 });
    if (process.getuid?.() === 0) chownSync(file, owner.uid, owner.gid);
  }
  await postgres.query('ALTER SYSTEM SET ssl = on');
  await postgres.query('SELECT pg_reload_conf()');
  await until(async () => (await postgres.query('SHOW ssl'))[0]?.ssl === 'on', {
    what: () => 'PostgreSQL to speak TLS',
  });

  const mine = await tempFolder(t);
  const urlWith = (ca: string, name: string): string => {
    const file = join(mine, name);
    writeFileSync(file, ca);
    const url = plain.replace('127.0.0.1', 'localhost');
    return `${url}?sslmode=verify-full&sslrootcert=${encodeURIComponent(file)}`;
  };
  const options = { poolSize: 3, clock: systemClock };
  const store = await openPostgresStore({ ...options, url: urlWith(authority.cert, 'right.pem') });
  const secured = await postgres.query(
    "SELECT bool_and(s.ssl) AS all_secured, count(*)::int AS count FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.application_name = 'portrait'",
    plain,
  );
  await store.close();
  assert.equal(secured[0]?.all_secured, true);
  assert.ok(Number(secured[0]?.count) >= 1);

  const stranger = makeCertificate({ name: 'another authority' });
  await assert.rejects(openPostgresStore({ ...options, url: urlWith(stranger.cert, 'wrong.pem') }), (error) => {
    assert.ok(error instanceof StoreError && error.kind === 'refused', String(error));
    assert.match(error.message, /^The database can not be opened: .*(certificate|issuer)/);
    return true;
  });
});
