import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StoreError, type StoreErrorKind } from '../../src/errors.ts';
import type { Store } from '../../src/storage/store.ts';
import { assertProblem, makeApp, startAdmin, TOKEN } from './support.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** A store whose method of this name fails. */
function breakStore(store: Store, method: keyof Store, error: () => unknown): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === method) return () => Promise.reject(error());
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe('admin API: the token', () => {
  const wrong: Record<string, string | undefined> = {
    'no header': undefined,
    empty: '',
    'no scheme': TOKEN,
    'other scheme': `Basic ${TOKEN}`,
    'no token': 'Bearer ',
    'wrong token': 'Bearer nonsense',
    prefix: `Bearer ${TOKEN.slice(0, -1)}`,
    longer: `Bearer ${TOKEN}x`,
    'other case': `Bearer ${TOKEN.toUpperCase()}`,
    two: `Bearer ${TOKEN} ${TOKEN}`,
  };

  it('is asked for everywhere, before anything else is looked at', async (t) => {
    const { server } = await startAdmin(t);
    for (const [why, authorization] of Object.entries(wrong)) {
      for (const [method, path] of [
        ['GET', '/apps'],
        ['POST', '/apps'],
        ['GET', '/apps/nonsense'],
        ['GET', '/nothing'],
      ]) {
        const response = await server.inject({
          method: method as 'GET',
          url: `/admin/v1${path}`,
          headers: { ...JSON_TYPE, ...(authorization !== undefined && { authorization }) },
          ...(method === 'POST' && { payload: '{' }),
        });
        const answer = {
          status: response.statusCode,
          headers: response.headers,
          text: response.body,
          body: response.json(),
        };
        assertProblem(answer, 401);
        assert.equal(answer.headers['www-authenticate'], 'Bearer', why);
        assert.ok(!answer.text.includes(TOKEN));
      }
    }
  });

  it('opens the API, whatever the case of the scheme', async (t) => {
    const { call } = await startAdmin(t);
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      assert.equal((await call('GET', '/apps', undefined, { authorization: `${scheme} ${TOKEN}` })).status, 200);
    }
  });
});

describe('admin API: HTTP', () => {
  it('answers with JSON that no cache keeps', async (t) => {
    const { call } = await startAdmin(t);
    const { headers } = await call('GET', '/apps');
    assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-content-type-options'], 'nosniff');
  });

  it('writes a line for each request, without the query', async (t) => {
    const { call, lines } = await startAdmin(t);
    await call('GET', '/apps?reveal=true');
    await call('POST', '/apps', { secretKey: 'hunter2' });
    const seen = lines.map(([name, { method, path, status, durationMs }]) => [
      name,
      method,
      path,
      status,
      typeof durationMs,
    ]);
    assert.deepEqual(seen, [
      ['admin.done', 'GET', '/admin/v1/apps', 200, 'number'],
      ['admin.done', 'POST', '/admin/v1/apps', 400, 'number'],
    ]);
    assert.doesNotMatch(JSON.stringify(lines), /hunter2/);
  });

  it('knows its routes only', async (t) => {
    const { call, server } = await startAdmin(t);
    const paths = [
      ['GET', ''],
      ['GET', '/'],
      ['GET', '/nothing'],
      ['PUT', '/apps'],
      ['DELETE', '/apps'],
    ] as const;
    for (const [method, path] of paths) {
      assertProblem(await call(method, path), 404, `there is no ${method} /admin/v1${path}`);
    }
    assert.equal((await server.inject('/elsewhere')).statusCode, 404);
  });

  const bodies: readonly [
    why: string,
    status: number,
    body: string | undefined,
    type: string | undefined,
    says: string,
  ][] = [
    ['no body', 400, undefined, undefined, 'body: expected a JSON object, got nothing'],
    ['empty body', 400, '', 'application/json', 'body: expected a JSON object, got nothing'],
    ['list', 400, '[]', 'application/json', 'body: expected a JSON object, got an array of 0'],
    ['text', 400, '"hunter2"', 'application/json', 'body: expected a JSON object, got "hunter2"'],
    ['broken', 400, '{"secretKey":hunter2}', 'application/json', 'the body is not valid JSON'],
    ['cut off', 400, '{"secretKey":"hunter2"', 'application/json', 'the body is not valid JSON'],
    ['prototype', 400, '{"name":"a","__proto__":{"x":1}}', 'application/json', 'the body is not valid JSON'],
    [
      'constructor',
      400,
      '{"name":"a","constructor":{"prototype":{}}}',
      'application/json',
      'the body is not valid JSON',
    ],
    ['too large', 413, `{"name":"${'a'.repeat(65_536)}"}`, 'application/json', 'at most 64 KiB'],
    ['form', 415, 'name=a', 'application/x-www-form-urlencoded', 'content-type application/json'],
    ['plain text', 415, '{"name":"a"}', 'text/plain', 'content-type application/json'],
    ['no type', 415, '{"name":"a"}', undefined, 'content-type application/json'],
  ];

  it('refuses bodies that it can not read', async (t) => {
    const { call, directory } = await startAdmin(t);
    for (const [why, status, body, type, says] of bodies) {
      const answer = await call('POST', '/apps', body, type === undefined ? {} : { 'content-type': type });
      assertProblem(answer, status, says);
      if (why !== 'text') assert.ok(!answer.text.includes('hunter2'), why);
    }
    assert.deepEqual(directory.apps(), []);
  });

  it('takes JSON with a charset', async (t) => {
    const { call } = await startAdmin(t);
    const type = { 'content-type': 'application/json; charset=utf-8' };
    assert.equal((await call('POST', '/apps', '{"name":"a"}', type)).status, 201);
  });

  it('refuses a body where none belongs', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    assertProblem(await admin.call('DELETE', `/apps/${id}`, { really: true }), 400, 'expected none');
    assert.equal((await admin.call('DELETE', `/apps/${id}`, '', JSON_TYPE)).status, 204);
  });
});

describe('admin API: faults of the store', () => {
  const statuses: Record<StoreErrorKind, number> = {
    full: 503,
    'low-space': 507,
    'read-only': 503,
    unavailable: 503,
    overloaded: 503,
    exists: 409,
    missing: 404,
    'lease-lost': 500,
    refused: 500,
  };

  it('are told by their kind, without what only we should read', async (t) => {
    for (const [kind, status] of Object.entries(statuses)) {
      const fault = () => new StoreError(kind as StoreErrorKind, '/secret/path/portrait.db is broken');
      const { call } = await startAdmin(t, { changeStore: (store) => breakStore(store, 'createApp', fault) });
      const answer = await call('POST', '/apps', { name: 'a', sdkAppId: 5 });
      assertProblem(answer, status);
      assert.equal(answer.headers['retry-after'], status === 503 ? '1' : undefined);
      assert.equal('detail' in answer.body, status !== 500);
      assert.doesNotMatch(answer.text, /portrait\.db/);
    }
  });

  it('leave the next change free to go', async (t) => {
    let isBroken = true;
    const changeStore = (store: Store) =>
      new Proxy(store, {
        get(target, name) {
          if (name === 'createApp' && isBroken) return () => Promise.reject(new StoreError('full'));
          const value = Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    const { call } = await startAdmin(t, { changeStore });
    assertProblem(await call('POST', '/apps', { name: 'a' }), 503, 'no space left');
    isBroken = false;
    assert.equal((await call('POST', '/apps', { name: 'a' })).status, 201);
  });

  it('that nobody foresaw are 500 and say nothing', async (t) => {
    const fault = () => new Error('hunter2');
    const admin = await startAdmin(t, { changeStore: (store) => breakStore(store, 'listProfiles', fault) });
    const id = await makeApp(admin);
    const answer = await admin.call('GET', `/apps/${id}/users`);
    assert.deepEqual(answer.body, { type: 'about:blank', title: 'Internal Server Error', status: 500 });
    const [, [name, fields] = assert.fail()] = admin.lines;
    assert.equal(name, 'admin.fault');
    assert.deepEqual(fields, { err: fields.err, method: 'GET', path: `/admin/v1/apps/${id}/users` });
    assert.equal(String(fields.err), 'Error: hunter2');
  });
});
