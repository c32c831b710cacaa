import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../src/log.ts';

function collect(): { readonly to: { write(line: string): void }; readonly lines: () => unknown[] } {
  const lines: string[] = [];
  return {
    to: { write: (line) => void lines.push(line) },
    lines: () =>
      lines.map((line) => {
        const { time, ...rest } = JSON.parse(line);
        assert.equal(new Date(time).toISOString(), time);
        return rest;
      }),
  };
}

test('lines are JSON with level, time, fields and name', () => {
  const { to, lines } = collect();
  const log = createLog('info', to);
  log.debug({ a: 1 }, 'left.out');
  log.info({ a: 1 }, 'request.done');
  log.child({ door: 'rest' }).warn({ code: 40_001 }, 'request.refused');
  assert.deepEqual(lines(), [
    { level: 'info', a: 1, msg: 'request.done' },
    { level: 'warn', door: 'rest', code: 40_001, msg: 'request.refused' },
  ]);
});

test('secrets are hidden, wherever they stand', () => {
  const { to, lines } = collect();
  const log = createLog('debug', to);
  log.info({ token: 'x', app: { secretKey: 'x', list: [1] }, query: { deep: { usersig: 'x' } } }, 'a');
  log.child({ authorization: 'x' }).info({ signingSecrets: ['x'], databaseUrl: undefined }, 'b');
  const retired = { previousToken: { token: 'x', untilMs: 1 }, retiringSecrets: [{ secret: 'x', untilMs: 1 }] };
  log.info({ endpoint: { ...retired, tls: { cert: 'shown', key: 'x' } } }, 'c');
  const hidden = '[secret]';
  assert.deepEqual(lines(), [
    {
      level: 'info',
      token: hidden,
      app: { secretKey: hidden, list: [1] },
      query: { deep: { usersig: hidden } },
      msg: 'a',
    },
    { level: 'info', authorization: hidden, signingSecrets: hidden, msg: 'b' },
    {
      level: 'info',
      endpoint: { previousToken: hidden, retiringSecrets: hidden, tls: { cert: 'shown', key: hidden } },
      msg: 'c',
    },
  ]);
});

test('what is logged is not changed by hiding', () => {
  const { to } = collect();
  const fields = { token: 'x', in: { token: 'y' } };
  createLog('info', to).info(fields, 'a');
  assert.deepEqual(fields, { token: 'x', in: { token: 'y' } });
});

test('errors are written with their text and cause', () => {
  const { to, lines } = collect();
  createLog('info', to).error({ err: new Error('outer', { cause: new Error('inner') }) }, 'fault');
  const [line] = lines() as { err: { type: string; message: string; stack: string } }[];
  assert.equal(line?.err.type, 'Error');
  assert.match(line?.err.stack ?? '', /outer[\s\S]*inner/);
});
