import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type Ended, makeFolder, type Running, startPortrait } from './support/portrait.ts';

interface Step {
  readonly kind: string;
  readonly [member: string]: unknown;
}

/** Start it with a folder for temporary ones that is its own. */
function startDemo(context: TestContext, ...flags: readonly string[]): { running: Running; temporary: string } {
  const temporary = makeFolder(context);
  // settings that are there for a real server must not reach this one
  const env = { TMPDIR: temporary, PORTRAIT_DATABASE_URL: 'postgres://a/b', PORTRAIT_WEBHOOK_ALLOW: 'none' };
  return { running: startPortrait(context, ['demo', ...flags], { cwd: makeFolder(context), env }), temporary };
}

/** @returns folders of demonstrations; Node keeps compiled code beside them */
function foldersIn(temporary: string): readonly string[] {
  return readdirSync(temporary).filter((name) => name.startsWith('portrait-'));
}

test('the demonstration shows each change arrive, verified, and a failure repeated with the same id', async (context) => {
  const { running, temporary } = startDemo(context, '--json');
  const { code, stdout, stderr } = await running.ended();
  assert.deepEqual([code, stderr], [0, '']);
  const steps = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Step);
  assert.deepEqual(
    steps.map(({ kind }) => kind),
    [
      ...['started', 'logged-in', 'change', 'callback', 'change', 'callback', 'pushed'],
      ...['change', 'callback', 'callback', 'delivery', 'done'],
    ],
  );
  const callbacks = steps.filter(({ kind }) => kind === 'callback');
  assert.deepEqual(
    callbacks.map(({ operatorId, platform, sequence, attempt, provedBy, isHandled }) => [
      ...[operatorId, platform, sequence, attempt, provedBy, isHandled],
    ]),
    [
      ['alice', 'Web', 1, 1, 'body-signature', true],
      ['administrator', 'RESTAPI', 2, 1, 'body-signature', true],
      ['alice', 'Web', 3, 1, 'body-signature', false],
      ['alice', 'Web', 3, 2, 'body-signature', true],
    ],
  );
  assert.equal(callbacks[2]?.webhookId, callbacks[3]?.webhookId);
  assert.deepEqual(callbacks[1]?.previousItems, [{ tag: 'Tag_Profile_IM_Nick', value: 'Alice' }]);
  const { attempts, state } = (steps.at(-2)?.delivery ?? {}) as Record<string, unknown>;
  assert.deepEqual(
    [state, (attempts as Step[]).map(({ outcome, status }) => [outcome, status])],
    [
      'delivered',
      [
        ['failed', 500],
        ['delivered', 200],
      ],
    ],
  );
  assert.deepEqual(foldersIn(temporary), []);
});

test('people read the demonstration as a story', async (context) => {
  const { code, stdout }: Ended = await startDemo(context).running.ended();
  assert.equal(code, 0);
  const story = [
    /^Portrait runs at http:\/\/127\.0\.0\.1:\d+, with a store of its own/,
    /\nalice logs in over WebSocket/,
    /\nalice changes her profile in the client: nick = "Alice"\n {2}→ callback evt_\S+, attempt 1: change #1 of alice, by alice \(Web\)\n/,
    /\n {4}verified by webhook-signature and Sign; answered 200\n/,
    /\nAn administrator changes it over REST: .*\n.*by administrator \(RESTAPI\)\n {4}nick = "Alice" → "Alice from the shop"\n/,
    /answered 500, so it comes again\n {2}→ callback evt_\S+, attempt 2: change #3/,
    /\n\nThat was all, in [\d.]+ s\./,
  ];
  for (const part of story) assert.match(stdout, part);
});

test('a demonstration that is stopped cleans up too', async (context) => {
  const { running, temporary } = startDemo(context);
  await running.printed(/Portrait runs at/);
  assert.equal(foldersIn(temporary).length, 1);
  const { code, stderr } = await running.stop('SIGINT');
  assert.deepEqual([code, stderr], [1, 'It was stopped by SIGINT.\n']);
  assert.deepEqual(foldersIn(temporary), []);
});
