/** The embedded store: the contract, and what concerns its folder and its file. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { StoreError } from '../../src/errors.ts';
import { openDatabase } from '../../src/storage/sqlite/connection.ts';
import { migrate } from '../../src/storage/sqlite/migrate.ts';
import type { Store } from '../../src/storage/store.ts';
import { APP, NICK, ORIGIN, sampleApp } from '../support/samples.ts';
import { until } from '../support/until.ts';
import { makeFolder, openStore, runCommand, scriptCommand, sqliteFixture, startCommand } from './sqlite-fixture.ts';
import { storeContract } from './store-contract.ts';

storeContract('sqlite', sqliteFixture);

const USER = { sdkAppId: APP, userId: 'id1' };

async function importUser(store: Store): Promise<void> {
  await store.createApp(sampleApp());
  await store.commitChange({ ...USER, kind: 'import', items: [], origin: ORIGIN, announce: false });
}

function setNick(store: Store, value: string | number): ReturnType<Store['commitChange']> {
  return store.commitChange({ ...USER, kind: 'set', items: [{ tag: NICK, value }], origin: ORIGIN });
}

/** Asserts that a store can't be opened, in a sentence that holds all of `words`. */
async function assertRefused(open: () => unknown, ...words: readonly string[]): Promise<void> {
  await assert.rejects(
    async () => open(),
    (error) => {
      assert.ok(error instanceof StoreError, String(error));
      assert.equal(error.kind, 'refused', `${error.message} ${error.cause}`);
      for (const word of words) assert.ok(error.message.includes(word), error.message);
      return true;
    },
  );
}

describe('sqlite: one process for a folder', { concurrency: 4 }, () => {
  test('a second opening in the same process is refused, and the first goes on', async (t) => {
    const folder = await makeFolder(t);
    const store = openStore(t, folder);
    await assertRefused(() => openStore(t, folder), folder, 'in use', String(process.pid));
    await store.createApp(sampleApp());
    await store.close();
    assert.deepEqual(await openStore(t, folder).listApps(), [sampleApp()]);
  });

  test('another spelling of the folder is the same folder', async (t) => {
    const folder = await makeFolder(t);
    const link = join(await makeFolder(t), 'link');
    await symlink(folder, link);
    openStore(t, folder);
    for (const other of [relative('.', folder), `${folder}/`, `${folder}/../${folder.split('/').at(-1)}`, link]) {
      await assertRefused(() => openStore(t, other), 'in use');
    }
  });

  test('two folders are two stores', async (t) => {
    const [a, b] = [openStore(t, await makeFolder(t)), openStore(t, await makeFolder(t))];
    await a.createApp(sampleApp());
    assert.deepEqual(await b.listApps(), []);
  });

  test('a second process is refused, with the folder and the first one’s process number', async (t) => {
    const folder = await makeFolder(t);
    const store = openStore(t, folder);
    const { kind, message } = JSON.parse(await runCommand(scriptCommand('./sqlite-child.ts', 'open', folder)));
    assert.equal(kind, 'refused');
    assert.ok(message.includes(folder) && message.includes(String(process.pid)), message);
    await store.close();
    const after = JSON.parse(await runCommand(scriptCommand('./sqlite-child.ts', 'open', folder)));
    assert.equal(after.kind, 'opened');
  });

  test('kill -9 frees the folder, and leaves all that was acknowledged', async (t) => {
    const folder = await makeFolder(t);
    const child = startCommand(t, scriptCommand('./sqlite-child.ts', 'write', folder));
    await until(() => child.lines.length >= 50, { what: () => `50 changes, got ${child.lines.length}` });
    await assertRefused(() => openStore(t, folder), folder, String(child.process.pid));
    await child.kill();
    const acknowledged = Number(child.lines.at(-1));

    const store = openStore(t, folder);
    const [profile] = await store.getProfiles(APP, ['id1']);
    const events = await store.readEvents({ sdkAppId: APP, lane: 0, afterSeq: 0, limit: 1_000_000 });
    assert.ok((profile?.version ?? 0) >= acknowledged, `${profile?.version} of ${acknowledged}`);
    assert.deepEqual(
      events.map(({ version, seq }) => [version, seq]),
      events.map((_, index) => [index + 1, index + 1]),
    );
    assert.equal(profile?.version, events.length);
    const { event } = await setNick(store, 'after');
    assert.equal(event?.version, events.length + 1);
  });

  test('a process number that a dead process left behind does no harm', async (t) => {
    const folder = await makeFolder(t);
    await writeFile(join(folder, 'lock.pid'), '1');
    await writeFile(join(folder, 'lock.db'), '');
    await openStore(t, folder).createApp(sampleApp());
  });

  test('other programs may read the database meanwhile', async (t) => {
    const folder = await makeFolder(t);
    const store = openStore(t, folder);
    await store.createApp(sampleApp());
    const reader = new DatabaseSync(join(folder, 'portrait.db'), { readOnly: true });
    t.after(async () => reader.close());
    assert.equal(reader.prepare('SELECT count(*) AS n FROM app').get()?.n, 1);
    await store.createApp(sampleApp({ sdkAppId: 7 }));
    assert.equal(reader.prepare('SELECT count(*) AS n FROM app').get()?.n, 2);
  });
});

describe('sqlite: the file', { concurrency: 4 }, () => {
  test('its connection syncs every commit to a write-ahead log', async (t) => {
    const db = openDatabase(join(await makeFolder(t), 'portrait.db'));
    t.after(async () => db.close());
    assert.equal(db.prepare('PRAGMA synchronous').get()?.synchronous, 2);
    assert.equal(db.prepare('PRAGMA journal_mode').get()?.journal_mode, 'wal');
  });

  test('a database that can not be made so durable is refused', async () => {
    await assertRefused(() => openDatabase(':memory:'), 'journal_mode=memory', 'wal');
  });

  test('each change is on the disk before it is acknowledged, though settlements between are not synced', async (t) => {
    const folder = await makeFolder(t);
    const trace = join(folder, 'trace');
    const strace = ['strace', '-f', '-qq', '-e', 'trace=fsync,fdatasync', '-o', trace];
    try {
      await runCommand([...strace, 'true']);
    } catch {
      t.skip('strace is not installed, or may not look at processes here');
      return;
    }
    const changes = 20;
    await runCommand([
      ...strace,
      ...scriptCommand('./sqlite-child.ts', 'count', join(folder, 'data'), String(changes)),
    ]);
    const syncs = (await readFile(trace, 'utf8')).match(/\bf(data)?sync\(\d+[^\n]*= 0/g) ?? [];
    assert.ok(syncs.length >= changes, `${syncs.length} syncs for ${changes} changes`);
  });

  test('store and folder are for their owner only', async (t) => {
    const folder = join(await makeFolder(t), 'deep', 'data');
    const store = openStore(t, folder);
    await store.createApp(sampleApp());
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    for (const name of await readdir(folder)) {
      if (!name.startsWith('portrait.db')) continue;
      assert.equal((await stat(join(folder, name))).mode & 0o077, 0, name);
    }
  });

  test('after a close the one file holds everything', async (t) => {
    const folder = await makeFolder(t);
    const store = openStore(t, folder);
    await importUser(store);
    await setNick(store, 'Ann');
    await store.close();
    const beside = (await readdir(folder)).filter((name) => name.startsWith('portrait.db-'));
    assert.deepEqual(beside, [], 'a copy of portrait.db alone would lack changes');
  });

  test('too many writes that wait are refused, those before them are carried out', async (t) => {
    const store = openStore(t, await makeFolder(t));
    await importUser(store);
    const results = await Promise.allSettled(
      Array.from({ length: 20_100 }, () => store.commitChange({ ...USER, kind: 'revoke' })),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    assert.ok(refused.length > 0 && refused.length <= 100, `${refused.length} were refused`);
    for (const { reason } of refused) assert.equal(reason.kind, 'overloaded');
    await setNick(store, 'Ann');
  });

  test('migrations run once, however often a store is opened', async (t) => {
    const file = join(await makeFolder(t), 'portrait.db');
    const schemas: unknown[] = [];
    for (let i = 0; i < 2; i += 1) {
      const db = openDatabase(file);
      migrate(db);
      migrate(db);
      const version = db.prepare('PRAGMA user_version').get();
      schemas.push([version, db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all()]);
      db.close();
    }
    assert.deepEqual(schemas[1], schemas[0]);
  });

  test('an empty file, as a first start that was cut off leaves it, becomes a store', async (t) => {
    const folder = await makeFolder(t);
    await writeFile(join(folder, 'portrait.db'), '');
    await openStore(t, folder).createApp(sampleApp());
  });
});

describe('sqlite: what is not its own', { concurrency: 4 }, () => {
  /** A database file, its write-ahead log folded in. */
  async function makeFile(folder: string, sql: string): Promise<string> {
    const file = join(folder, 'portrait.db');
    const db = new DatabaseSync(file);
    db.exec(sql);
    db.close();
    return file;
  }

  const NEWER =
    "PRAGMA application_id = 0x506f7274; PRAGMA user_version = 99; CREATE TABLE app (x); INSERT INTO app VALUES ('kept')";
  for (const [name, sql, words] of [
    [
      'another program’s database',
      'PRAGMA application_id = 0x0f055112; CREATE TABLE blob (x)',
      ['not made by Portrait'],
    ],
    ['a database with a version of its own', 'PRAGMA user_version = 1; CREATE TABLE t (x)', ['not made by Portrait']],
    ['a database without any mark', 'CREATE TABLE photo (x)', ['not made by Portrait']],
    ['a database that has a table of the same name', 'CREATE TABLE app (x)', ['not made by Portrait']],
    ['the store of a newer Portrait', NEWER, ['99', 'newer']],
  ] as const) {
    test(`${name} is refused and left as it was`, async (t) => {
      const folder = await makeFolder(t);
      const file = await makeFile(folder, sql);
      const before = await readFile(file);
      await assertRefused(() => openStore(t, folder), ...words);
      assert.ok(before.equals(await readFile(file)), 'the file was changed');
    });
  }

  test('a file that is no database is refused and left as it was', async (t) => {
    const folder = await makeFolder(t);
    const file = join(folder, 'portrait.db');
    await writeFile(file, 'Dear diary, '.repeat(1_000));
    await assertRefused(() => openStore(t, folder));
    assert.equal(await readFile(file, 'utf8'), 'Dear diary, '.repeat(1_000));
  });

  test('a folder that can not be made is refused with its name', async (t) => {
    const file = join(await makeFolder(t), 'file');
    await writeFile(file, '');
    await assertRefused(() => openStore(t, file), file);
    await assertRefused(() => openStore(t, join(file, 'below')), file);
  });

  test('a folder in place of the database is refused', async (t) => {
    const folder = await makeFolder(t);
    await mkdir(join(folder, 'portrait.db'));
    await assertRefused(() => openStore(t, folder));
  });

  test('what was refused is let go: nothing stays open, and the folder is free', async (t) => {
    const folder = await makeFolder(t);
    await makeFile(folder, NEWER);
    for (let i = 0; i < 3; i += 1) await assertRefused(() => openStore(t, folder), 'newer');
    if (process.platform !== 'linux') {
      t.skip('open files are listed on Linux only');
      return;
    }
    const numbers = await readdir('/proc/self/fd');
    const paths = await Promise.all(numbers.map((number) => readlink(`/proc/self/fd/${number}`).catch(() => '')));
    assert.deepEqual(
      paths.filter((path) => path.startsWith(folder)),
      [],
    );
  });
});
