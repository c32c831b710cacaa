import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { makeFolder, PROGRAM, runPortrait } from './support/portrait.ts';

test('the entry is executable', () => {
  assert.equal(statSync(PROGRAM).mode & 0o777, 0o755);
});

test('portrait --version prints the version', async (context) => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const ended = await runPortrait(['--version'], { cwd: makeFolder(context) });
  assert.deepEqual(ended, { code: 0, stdout: `${version}\n`, stderr: '' });
});

test('an older Node is told what is missing', async (context) => {
  const pretend = "Object.defineProperty(process, 'versions', { value: { node: '20.11.0' } })";
  const nodeOptions = ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`];
  const ended = await runPortrait(['serve'], { cwd: makeFolder(context), nodeOptions });
  assert.equal(ended.code, 2);
  assert.equal(ended.stdout, '');
  assert.match(ended.stderr, /^portrait needs Node\.js 24 or newer and this is v.*"npm install node@24".*\n$/);
});

test('wrong usage is told in one sentence, with exit code 2', async (context) => {
  const cwd = makeFolder(context);
  const app = 'create, list, show, update, delete';
  const cases: readonly (readonly [words: string, sentence: string])[] = [
    ['app', `portrait app takes one of ${app}.`],
    ['app lst', `portrait app has no command lst (did you mean list?), it takes one of ${app}.`],
    [
      'serve --prt 1',
      'portrait serve has no option --prt (did you mean --port?), expected "portrait serve [options]".',
    ],
    ['serve --port', 'Expected a value behind --port <number>.'],
    ['serve --port x', '--port takes a whole number from 0 to 65535 (0 = any free port), not "x".'],
    ['serve --portable-sql yes', '--portable-sql takes on or off, not "yes".'],
    ['usersig', 'Expected "portrait usersig [options] <userId>", and <userId> is missing.'],
    ['usersig a b', 'Expected "portrait usersig [options] <userId>", got too many words: a b.'],
    ['usersig a --expire 5', '--expire takes a duration from 1s to 18250d, such as 3s, not "5".'],
    ['usersig 123456789012345678901234567890123', '<userId>: expected 1 to 32 bytes, got 33.'],
    ['app create', 'portrait app create takes a name, such as --name shop.'],
    ['app show x', '<sdkAppId> takes a whole number from 1 to 4294967295, not "x".'],
    ['app update', 'portrait app update takes what is to change, such as --name shop. (portrait help app update)'],
    [
      'app create --name a --custom-field Level:int',
      '--custom-field takes a field like Tag_Profile_Custom_Level:string:read=user,admin:write=admin, not "Level:int".',
    ],
    ['endpoint add ftp://a', '<url> takes an address like http://127.0.0.1:9000/callback, not "ftp://a".'],
    ['endpoint add http://a --header b', '--header takes a header like "X-Key: secret", not "b".'],
    ['endpoint add http://a --success yes', '--success takes one of protocol, tencent, any-2xx, not "yes".'],
    [
      'endpoint update ep_a',
      'portrait endpoint update takes what is to change, such as --timeout 5s. (portrait help endpoint update)',
    ],
    ['profile set alice nick', 'Each field is given as name=value, such as nick=Alice, not "nick".'],
    ['profile set alice level=high', 'level takes a whole number from 0 to 4294967295, not "high".'],
    ['profile set alice gender=x', 'gender takes one of Unknown, Female, Male, not "x".'],
    ['listen 70000', '<port> takes a whole number from 0 to 65535, not "70000".'],
    ['listen --fail 500 --fail-share 100%', '--fail-share takes a share from 1% to 99%, such as 30%, not "100%".'],
    ['listen --fail 500 --fail-share 10% --fail-count 1', 'Expected one of --fail-count and --fail-share, got both.'],
    [
      'listen --fail-count 1',
      'Expected a status to fail with beside --fail-count and --fail-share, such as --fail 500.',
    ],
    ['trigger', 'Expected "portrait trigger [options] <url>", and <url> is missing.'],
    ['doctor --port x', '--port takes a whole number from 0 to 65535 (0 = any free port), not "x".'],
    ['trigger 9000', '<url> takes an address like http://127.0.0.1:9000/callback, not "9000".'],
    ['trigger http://a:b@c', '<url> takes an address without user and password.'],
    ['trigger http://a --timeout 1m', '--timeout takes a duration from 100ms to 30s, such as 3s, not "1m".'],
    [
      'trigger http://a --command x',
      '--command takes the name of a callback, such as Group.CallbackAfterSendMsg, not "x".',
    ],
    ['listen --fail 99', '--fail takes a whole number from 200 to 599, not "99".'],
    [
      'deliveries list --state lost',
      '--state takes one or several of pending, retrying, waiting, held, delivered, dead, skipped, with commas, not "lost".',
    ],
    [
      'deliveries list --from noon',
      '--from takes a time like 2026-11-23T10:00:00Z, or how long ago like 15m, not "noon".',
    ],
    [
      'deliveries replay --from 1h',
      'portrait deliveries replay takes where to send and since when, such as --endpoint ep_4q8w2n6c0x5v7b1m --from 24h.',
    ],
    [
      'deliveries replay --endpoint ep_a --from 1h --state pending',
      '--state takes one of delivered, dead, skipped, not "pending".',
    ],
    [
      'deliveries replay --endpoint ep_a --from 1h --rate 1001',
      '--rate takes a whole number from 1 to 1000, not "1001".',
    ],
    ['deliveries replays --watch', '--watch takes a replay to watch: portrait deliveries replays <jobId> --watch.'],
    ['backup', 'Expected "portrait backup [options] <file>", and <file> is missing.'],
    ['app list --server nowhere', '--server takes an address like http://127.0.0.1:8090, not "nowhere".'],
    [
      'help nothing',
      'There is no help on "nothing"; portrait help takes one of serve, demo, app, endpoint, usersig, profile, listen, trigger, changes, deliveries, doctor, backup, migrate-store, help.',
    ],
    ['help app lst', `There is no help on "lst"; portrait help app takes one of ${app}.`],
    ['help listen 9000', 'There is no help on "9000"; portrait help listen takes nothing more.'],
  ];
  for (const [words, sentence] of cases) {
    const ended = await runPortrait(words.split(' '), { cwd });
    assert.deepEqual(ended, { code: 2, stdout: '', stderr: `${sentence}\n` }, words);
  }
});

test('a profile field that nobody knows is answered with those that there are', async (context) => {
  const { code, stderr } = await runPortrait(['profile', 'get', 'alice', 'nik'], { cwd: makeFolder(context) });
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^"nik" is no profile field; known are nick, gender, .*level, role and Tag_Profile_Custom_…\.\n$/,
  );
});

test('help is there for each command, with two examples', async (context) => {
  const cwd = makeFolder(context);
  const top = await runPortrait(['help'], { cwd });
  assert.equal(top.code, 0);
  const names = ['serve', 'demo', 'usersig', 'listen', 'trigger', 'doctor'];
  for (const group of ['app', 'endpoint', 'profile', 'deliveries']) {
    const { stdout } = await runPortrait(['help', group], { cwd });
    const list = stdout.slice(stdout.indexOf('Commands:'));
    names.push(...[...list.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => `${group} ${name}`));
  }
  assert.equal(names.length, 6 + 5 + 10 + 2 + 6);
  for (const name of names) {
    assert.ok(top.stdout.includes(`\n  ${name.split(' ')[0]}`), name);
    const { code, stdout } = await runPortrait(['help', ...name.split(' ')], { cwd });
    const [, examples = ''] = stdout.split('\nExamples:\n');
    assert.deepEqual([code, examples.trimEnd().split('\n').length], [0, 2], name);
  }
});

test('portrait alone prints the help', async (context) => {
  const { code, stdout } = await runPortrait([], { cwd: makeFolder(context) });
  assert.equal(code, 0);
  assert.match(stdout, /^Usage: portrait <command>\n/);
});
