import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { STANDARD_TAGS } from '@portrait/wire';
import { sampleApp } from '../support/samples.ts';
import { assertProblem, makeApp, startAdmin } from './support.ts';

const FIELD = { tag: 'Tag_Profile_Custom_Data', type: 'string', read: ['user', 'admin'], write: ['admin'] };
const ALL_TAGS = STANDARD_TAGS.map(({ tag }) => tag);

describe('admin API: apps', () => {
  it('makes an app with defaults and shows its secret key once', async (t) => {
    const { call } = await startAdmin(t);
    const made = await call('POST', '/apps', { name: 'demo' });
    assert.equal(made.status, 201);
    assert.equal(made.headers.location, '/admin/v1/apps/1400000001');
    assert.match(made.body.secretKey, /^[0-9a-f]{64}$/);
    const shown = {
      sdkAppId: 1400000001,
      name: 'demo',
      secretKey: null,
      administrators: ['administrator'],
      customFields: [],
      userWritableFields: ALL_TAGS,
      rateLimitPerSecond: 200,
      announceImports: false,
      maxSessionsPerPlatform: 0,
      createdAt: '2026-11-23T10:00:00.000Z',
      oldestEventAt: null,
    };
    assert.equal(made.text, JSON.stringify({ ...shown, secretKey: made.body.secretKey }), 'members in this order');
    assert.deepEqual((await call('GET', '/apps/1400000001')).body, shown);
    assert.deepEqual((await call('GET', '/apps/1400000001?reveal=false')).body, shown);
    assert.deepEqual((await call('GET', '/apps/1400000001?reveal=true')).body, made.body);
    assert.deepEqual((await call('GET', '/apps')).body, { items: [shown], nextCursor: null });
    assert.deepEqual((await call('GET', '/apps?reveal=true')).body, { items: [made.body], nextCursor: null });
  });

  it('makes an app as it is told', async (t) => {
    const { call, directory } = await startAdmin(t);
    const body = {
      name: 'Shop',
      sdkAppId: 4294967295,
      secretKey: 'a secret of mine',
      administrators: ['root', 'second admin'],
      customFields: [FIELD],
      userWritableFields: ['Tag_Profile_IM_Image', 'Tag_Profile_IM_Nick'],
      rateLimitPerSecond: 0,
      announceImports: true,
      maxSessionsPerPlatform: 100,
    };
    const made = await call('POST', '/apps', body);
    assert.equal(made.status, 201);
    assert.deepEqual(made.body, { ...body, createdAt: '2026-11-23T10:00:00.000Z', oldestEventAt: null });
    const { createdAtMs, ...stored } = directory.app(4294967295) ?? assert.fail();
    assert.deepEqual(stored, body);
    assert.equal(createdAtMs, Date.parse(made.body.createdAt));
  });

  it('picks the next free SDKAppID, also for many at once', async (t) => {
    const admin = await startAdmin(t);
    await makeApp(admin, { sdkAppId: 1400000002 });
    const picked = await Promise.all(['a', 'b', 'c'].map((name) => makeApp(admin, { name })));
    assert.deepEqual(picked, [1400000001, 1400000003, 1400000004]);
  });

  it('passes over an SDKAppID that another process took', async (t) => {
    const admin = await startAdmin(t);
    await admin.store.createApp(sampleApp({ sdkAppId: 1400000001, name: 'theirs' }));
    assert.equal(await makeApp(admin), 1400000002);
  });

  it('refuses an SDKAppID that is taken', async (t) => {
    const admin = await startAdmin(t);
    await makeApp(admin, { sdkAppId: 7 });
    const faults = assertProblem(await admin.call('POST', '/apps', { name: 'b', sdkAppId: 7 }), 409, 'sdkAppId');
    assert.deepEqual(faults, { '#/sdkAppId': 'there is an app 7 already' });
  });

  const bad: readonly [why: string, body: object, pointer: string, says: RegExp][] = [
    ['no name', {}, '#/name', /is required, expected a string of 1 to 64 characters/],
    ['empty name', { name: '' }, '#/name', /1 to 64 characters, got ""/],
    ['long name', { name: 'x'.repeat(65) }, '#/name', /1 to 64 characters/],
    ['name of the wrong type', { name: 5 }, '#/name', /expected a string .*, got 5/],
    ['name null', { name: null }, '#/name', /got null/],
    ['unknown member', { name: 'a', colour: 'red' }, '#/colour', /is not known here, expected one of .*administrators/],
    ['SDKAppID 0', { name: 'a', sdkAppId: 0 }, '#/sdkAppId', /an integer from 1 to 4294967295, got 0/],
    ['SDKAppID too large', { name: 'a', sdkAppId: 4294967296 }, '#/sdkAppId', /got 4294967296/],
    ['SDKAppID as text', { name: 'a', sdkAppId: '7' }, '#/sdkAppId', /got "7"/],
    ['SDKAppID with a fraction', { name: 'a', sdkAppId: 1.5 }, '#/sdkAppId', /got 1.5/],
    [
      'short key',
      { name: 'a', secretKey: 'hunter2' },
      '#/secretKey',
      /8 to 256 printable ASCII .* got a string of 7 char/,
    ],
    ['key with a line break', { name: 'a', secretKey: 'hunter2\nx' }, '#/secretKey', /printable/],
    ['key as a number', { name: 'a', secretKey: 12345678 }, '#/secretKey', /got a number/],
    ['no administrator', { name: 'a', administrators: [] }, '#/administrators', /a list of 1 to 10 items/],
    ['eleven administrators', { name: 'a', administrators: [...'abcdefghijk'] }, '#/administrators', /1 to 10/],
    ['administrator twice', { name: 'a', administrators: ['a', 'a'] }, '#/administrators', /no two alike/],
    ['administrator no UserID', { name: 'a', administrators: ['ü'] }, '#/administrators/0', /1 to 32 printable ASCII/],
    ['rate with a fraction', { name: 'a', rateLimitPerSecond: 0.5 }, '#/rateLimitPerSecond', /from 0 to 1000000/],
    ['negative rate', { name: 'a', rateLimitPerSecond: -1 }, '#/rateLimitPerSecond', /got -1/],
    [
      'custom tag among the standard ones',
      { name: 'a', userWritableFields: ['Tag_Profile_IM_Nick', 'Tag_Profile_Custom_Data'] },
      '#/userWritableFields/1',
      /expected one of "Tag_Profile_IM_Nick", .*got "Tag_Profile_Custom_Data"/,
    ],
    [
      'short standard tag',
      { name: 'a', userWritableFields: ['Nick'] },
      '#/userWritableFields/0',
      /"Tag_Profile_IM_Nick", .*got "Nick"/,
    ],
    [
      'standard tag twice',
      { name: 'a', userWritableFields: ['Tag_Profile_IM_Nick', 'Tag_Profile_IM_Nick'] },
      '#/userWritableFields',
      /at most 12 items, no two alike, got an array of 2/,
    ],
    [
      'tags as text',
      { name: 'a', userWritableFields: 'none' },
      '#/userWritableFields',
      /expected a list .*, got "none"/,
    ],
    ['tags null', { name: 'a', userWritableFields: null }, '#/userWritableFields', /got null/],
    [
      'negative sessions',
      { name: 'a', maxSessionsPerPlatform: -1 },
      '#/maxSessionsPerPlatform',
      /from 0 to 100, got -1/,
    ],
    ['101 sessions', { name: 'a', maxSessionsPerPlatform: 101 }, '#/maxSessionsPerPlatform', /from 0 to 100, got 101/],
    ['half a session', { name: 'a', maxSessionsPerPlatform: 0.5 }, '#/maxSessionsPerPlatform', /an integer .*got 0.5/],
    ['switch as text', { name: 'a', announceImports: 'yes' }, '#/announceImports', /expected true or false, got "yes"/],
    [
      'field without tag',
      { name: 'a', customFields: [{ ...FIELD, tag: undefined }] },
      '#/customFields/0/tag',
      /is requ/,
    ],
    [
      'field of a standard tag',
      { name: 'a', customFields: [{ ...FIELD, tag: 'Tag_Profile_IM_Nick' }] },
      '#/customFields/0/tag',
      /expected Tag_Profile_Custom_ .*got "Tag_Profile_IM_Nick"/,
    ],
    [
      'field with a long keyword',
      { name: 'a', customFields: [{ ...FIELD, tag: 'Tag_Profile_Custom_abcdefghi' }] },
      '#/customFields/0/tag',
      /1 to 8/,
    ],
    ['field twice', { name: 'a', customFields: [FIELD, FIELD] }, '#/customFields/1/tag', /each tag once/],
    [
      'field of another type',
      { name: 'a', customFields: [{ ...FIELD, type: 'uint32' }] },
      '#/customFields/0/type',
      /one of "string", "bytes", got "uint32"/,
    ],
    [
      'field nobody reads',
      { name: 'a', customFields: [{ ...FIELD, read: [] }] },
      '#/customFields/0/read',
      /1 to 2 items/,
    ],
    [
      'field of an unknown role',
      { name: 'a', customFields: [{ ...FIELD, write: ['app'] }] },
      '#/customFields/0/write/0',
      /"user", "admin"/,
    ],
    [
      'field with more members',
      { name: 'a', customFields: [{ ...FIELD, limit: 9 }] },
      '#/customFields/0/limit',
      /is not known/,
    ],
    [
      '21 fields',
      {
        name: 'a',
        customFields: Array.from({ length: 21 }, (_, i) => ({ ...FIELD, tag: `Tag_Profile_Custom_F${i}` })),
      },
      '#/customFields',
      /at most 20 items, got an array of 21/,
    ],
  ];

  it('refuses what is no app, and names the member', async (t) => {
    const { call, directory } = await startAdmin(t);
    for (const [why, body, pointer, says] of bad) {
      const faults = assertProblem(await call('POST', '/apps', body), 400, pointer.slice(2));
      assert.deepEqual(Object.keys(faults), [pointer], why);
      assert.match(faults[pointer] ?? '', says, why);
    }
    assert.deepEqual(directory.apps(), []);
  });

  it('tells all that is wrong at once, and no secret', async (t) => {
    const { call } = await startAdmin(t);
    const answer = await call('POST', '/apps', { name: 5, secretKey: 'hunter2', nmae: 'hunter3' });
    const faults = assertProblem(answer, 400, 'nmae', '(and 2 more, see errors)');
    assert.deepEqual(Object.keys(faults).sort(), ['#/name', '#/nmae', '#/secretKey']);
    assert.doesNotMatch(answer.text, /hunter/);
  });

  it('changes what is given and leaves the rest', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin, { secretKey: 'old secret', customFields: [FIELD] });
    const before = (await admin.call('GET', `/apps/${id}`)).body;
    const fields = [
      { ...FIELD, write: ['user'] },
      { ...FIELD, tag: 'Tag_Profile_Custom_B', type: 'bytes' },
    ];
    const changed = await admin.call('PATCH', `/apps/${id}`, { name: 'new', customFields: fields });
    assert.equal(changed.status, 200);
    assert.deepEqual(changed.body, { ...before, name: 'new', customFields: fields });
    await admin.call('PATCH', `/apps/${id}`, { secretKey: 'new secret', rateLimitPerSecond: 0, announceImports: true });
    assert.deepEqual((await admin.call('GET', `/apps/${id}?reveal=true`)).body, {
      ...changed.body,
      secretKey: 'new secret',
      rateLimitPerSecond: 0,
      announceImports: true,
    });
    assert.equal((await admin.call('PATCH', `/apps/${id}?reveal=true`, {})).body.secretKey, 'new secret');
    assert.equal((await admin.store.listApps())[0]?.name, 'new');
  });

  it('changes what users may write and how many sessions they have', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    for (const change of [
      { userWritableFields: ['Tag_Profile_IM_Nick'], maxSessionsPerPlatform: 1 },
      { userWritableFields: [] },
      { userWritableFields: ALL_TAGS, maxSessionsPerPlatform: 0 },
    ]) {
      const before = (await admin.call('GET', `/apps/${id}`)).body;
      const changed = await admin.call('PATCH', `/apps/${id}`, change);
      assert.equal(changed.status, 200, changed.text);
      assert.deepEqual(changed.body, { ...before, ...change });
      const stored = { ...admin.directory.app(id) };
      assert.deepEqual(
        [stored.userWritableFields, stored.maxSessionsPerPlatform],
        [changed.body.userWritableFields, changed.body.maxSessionsPerPlatform],
      );
    }
  });

  it('loses no change of two at once', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    const changes = [{ name: 'new' }, { rateLimitPerSecond: 5 }, { administrators: ['root'] }];
    await Promise.all(changes.map((change) => admin.call('PATCH', `/apps/${id}`, change)));
    const { name, rateLimitPerSecond, administrators } = (await admin.call('GET', `/apps/${id}`)).body;
    assert.deepEqual([name, rateLimitPerSecond, administrators], ['new', 5, ['root']]);
  });

  it('keeps custom fields that are there, and their types', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin, { customFields: [FIELD] });
    const other = { ...FIELD, tag: 'Tag_Profile_Custom_B' };
    const removed = await admin.call('PATCH', `/apps/${id}`, { customFields: [other] });
    assert.match(assertProblem(removed, 409)['#/customFields'] ?? '', /Tag_Profile_Custom_Data is missing/);
    const retyped = await admin.call('PATCH', `/apps/${id}`, { customFields: [other, { ...FIELD, type: 'bytes' }] });
    assert.match(assertProblem(retyped, 409)['#/customFields/1/type'] ?? '', /expected "string", got "bytes"/);
    assert.deepEqual(admin.directory.app(id)?.customFields, [FIELD]);
  });

  it('refuses to change what can not be changed', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    for (const [name, value] of [
      ['sdkAppId', 5],
      ['createdAt', '2026-11-23T10:00:00.000Z'],
      ['colour', 'red'],
    ]) {
      const answer = await admin.call('PATCH', `/apps/${id}`, { [String(name)]: value });
      assert.match(assertProblem(answer, 400)[`#/${name}`] ?? '', /is not known here/);
    }
    assertProblem(await admin.call('PATCH', `/apps/${id}`, { secretKey: null }), 400, 'secretKey');
  });

  it('removes an app with all it has', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    const gone = await admin.call('DELETE', `/apps/${id}`);
    assert.deepEqual([gone.status, gone.text], [204, '']);
    for (const [method, body] of [['GET'], ['PATCH', {}], ['DELETE']] as const) {
      assertProblem(await admin.call(method, `/apps/${id}`, body), 404, `there is no app ${id}`);
    }
    assert.deepEqual(await admin.store.listApps(), []);
  });

  it('refuses an SDKAppID in the path that is none', async (t) => {
    const { call } = await startAdmin(t);
    for (const id of ['abc', '0', '-1', '1.5', '4294967296', '99999999999999999999']) {
      assert.deepEqual(Object.keys(assertProblem(await call('GET', `/apps/${id}`), 400, 'path')), ['#/sdkAppId']);
    }
  });

  it('lists apps page by page', async (t) => {
    const admin = await startAdmin(t);
    for (const sdkAppId of [9, 1400000001, 10, 4294967295, 100]) await makeApp(admin, { sdkAppId });
    const seen: number[][] = [];
    let path = '/apps?limit=2';
    for (;;) {
      const { items, nextCursor } = (await admin.call('GET', path)).body;
      seen.push(items.map((app: { sdkAppId: number }) => app.sdkAppId));
      if (nextCursor === null) break;
      path = `/apps?limit=2&cursor=${nextCursor}`;
    }
    assert.deepEqual(seen, [[9, 10], [100, 1400000001], [4294967295]]);
  });

  it('refuses wrong parameters of a list', async (t) => {
    const { call } = await startAdmin(t);
    const cases = {
      limit: ['0', '201', 'ten', '1.5', ''],
      cursor: ['', 'x', 'YXBwczox!'],
      reveal: ['yes', '1', ''],
      page: ['2'],
    };
    for (const [name, values] of Object.entries(cases)) {
      for (const value of values) {
        const faults = assertProblem(await call('GET', `/apps?${name}=${value}`), 400, `query parameter ${name}`);
        assert.deepEqual(Object.keys(faults), [`#/${name}`]);
      }
    }
    assertProblem(await call('GET', '/apps?limit=1&limit=2'), 400, 'query parameter limit', 'an array of 2');
    assertProblem(await call('POST', '/apps?reveal=true', { name: 'a' }), 400, 'query parameter reveal');
  });
});
