import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../support/until.ts';
import { runPortrait, startPortrait } from './support/portrait.ts';
import { startServer, type TestServer } from './support/server.ts';

interface Page {
  readonly items: readonly { readonly cursor: string; readonly userId: string; readonly sequence: number }[];
  readonly nextCursor: string;
  readonly hasMore: boolean;
}

async function read(server: TestServer, ...flags: readonly string[]): Promise<Page> {
  return (await server.runJson('changes', ...flags)) as Page;
}

function namesOf({ items }: Pick<Page, 'items'>): readonly string[] {
  return items.map(({ userId, sequence }) => `${userId}/${sequence}`);
}

async function makeChanges(server: TestServer): Promise<void> {
  await server.runWell('profile', 'set', 'alice', 'nick=Al', '--import');
  await server.runWell('profile', 'set', 'alice', 'nick=Alice', 'level=3');
  await server.runWell('profile', 'set', 'bob', 'level=1', '--import');
}

describe('portrait changes', () => {
  test('prints what was changed, oldest first, and where to go on', async (context) => {
    const server = await startServer(context);
    const none = await server.runWell('changes');
    assert.match(none, /^That is all; what follows: --after [\w-]+\n$/);
    await makeChanges(server);
    const lines = (await server.runWell('changes')).split('\n');
    assert.match(lines[0] ?? '', /^\S+Z {2}alice #1 {2}nick = "Al" {2}\(administrator, RESTAPI\)$/);
    assert.match(lines[1] ?? '', /^\S+Z {2}alice #2 {2}nick = "Al" → "Alice", level = 3 {2}\(/);
    assert.match(lines[3] ?? '', /^That is all; what follows: --after [\w-]+$/);

    const two = await read(server, '--limit', '2');
    assert.deepEqual([namesOf(two), two.hasMore], [['alice/1', 'alice/2'], true]);
    const rest = await read(server, '--after', two.nextCursor);
    assert.deepEqual([namesOf(rest), rest.hasMore], [['bob/1'], false]);
    assert.match(await server.runWell('changes', '--limit', '2'), /\nThere is more: --after [\w-]+\n$/);
    assert.deepEqual(namesOf(await read(server, '--user', 'bob', '--from', '1h')), ['bob/1']);
    assert.deepEqual((await read(server, '--after', 'now')).items, []);
  });

  test('refuses what does not go together, and cursors of others', async (context) => {
    const server = await startServer(context);
    for (const flags of [
      ['--after', 'now', '--from', '1h'],
      ['--follow', '--limit', '5'],
    ]) {
      const { code, stderr } = await server.run('changes', ...flags);
      assert.deepEqual([code, stderr], [2, `Expected either ${flags[0]} or ${flags.at(-2)}.\n`]);
    }
    for (const flags of [[], ['--follow']]) {
      const { code, stderr } = await server.run('changes', '--after', 'yesterday', ...flags);
      assert.deepEqual([code, stderr], [1, 'after: expected a cursor that this feed gave, now, or beginning.\n']);
    }
  });

  test('--follow goes on over a restart of the server, and ends with a signal', async (context) => {
    const server = await startServer(context);
    const { port } = new URL(server.url);
    await makeChanges(server);
    const options = { cwd: server.folder, env: { PORTRAIT_SERVER: server.url } };
    const all = startPortrait(context, ['changes', '--follow', '--after', 'beginning', '--json'], options);
    const fresh = startPortrait(context, ['changes', '--follow'], options);
    await all.printed(/"userId":"bob".*\n/);
    await until(() => fresh.stderr.includes('Following'), { what: () => 'the connection' });
    await server.running.stop();
    const again = startPortrait(context, ['serve', '--port', port], { cwd: server.folder });
    await again.printed(/ runs at http/);
    await server.runWell('profile', 'set', 'bob', 'level=2');
    await all.printed(/"userId":"bob","sequence":2.*\n/);
    await fresh.printed(/bob #2 {2}level = 1 → 2.*\n/);
    const { code, stdout, stderr } = await all.stop('SIGINT');
    assert.deepEqual([code, stderr], [0, '']);
    const items = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(namesOf({ items }), ['alice/1', 'alice/2', 'bob/1', 'bob/2']);
    assert.deepEqual(items, (await read(server)).items);
    const ended = await fresh.stop();
    assert.equal(ended.code, 0);
    assert.deepEqual(ended.stderr, 'Following. Ctrl-C ends it.\nConnected again.\n');
    assert.equal(ended.stdout.split('\n').length, 2, 'only what came after it began');
  });

  test('--follow fails at once where nobody answers', async (context) => {
    const server = await startServer(context);
    await server.running.stop();
    const env = { PORTRAIT_SERVER: server.url, PORTRAIT_APP: '1400000001' };
    const { code, stderr } = await runPortrait(['changes', '--follow'], { cwd: server.folder, env });
    assert.equal(code, 1);
    assert.match(stderr, /^No Portrait answers at /);
  });
});
