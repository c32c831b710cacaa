import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertProblem, EXCHANGE, makeApp, makeEndpoint, startAdmin } from './support.ts';

const URL_GIVEN = 'http://127.0.0.1:9000/cb';
const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const PUBLIC_KEY = `whpk_${Buffer.alloc(32, 7).toString('base64')}`;
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

describe('admin API: endpoints', () => {
  it('makes an endpoint with defaults and shows its secrets once', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    const made = await admin.call('POST', `/apps/${id}/endpoints`, { url: URL_GIVEN });
    assert.equal(made.status, 201, made.text);
    const { endpointId, signingSecrets } = made.body;
    assert.match(endpointId, /^ep_[0-9a-z]{16}$/);
    assert.equal(made.headers.location, `/admin/v1/apps/${id}/endpoints/${endpointId}`);
    assert.equal(signingSecrets.length, 1);
    assert.match(signingSecrets[0], /^whsec_[A-Za-z0-9+/]{32}$/);
    const shown = {
      endpointId,
      url: URL_GIVEN,
      commands: ['Profile.CallbackPortraitSet'],
      token: '',
      previousToken: null,
      previousTokenUntil: null,
      signingSecrets: [`whsec_…${signingSecrets[0].slice(-4)}`],
      retiringSecrets: [],
      verificationKeys: [],
      timeoutMs: 2000,
      success: 'protocol',
      maxAttempts: 7,
      concurrency: 64,
      ratePerSecond: 0,
      headers: {},
      tls: null,
      payload: 'tencent',
      onDead: 'skip',
      startFrom: 'now',
      state: 'active',
      stateReason: null,
      circuit: { state: 'closed' },
      createdAt: '2026-11-23T10:00:00.000Z',
    };
    assert.equal(made.text, JSON.stringify({ ...shown, signingSecrets }), 'members in this order');
    const path = `/apps/${id}/endpoints/${endpointId}`;
    assert.deepEqual((await admin.call('GET', path)).body, shown);
    assert.deepEqual((await admin.call('GET', `${path}?reveal=true`)).body, made.body);
    assert.deepEqual((await admin.call('GET', `/apps/${id}/endpoints`)).body, { items: [shown], nextCursor: null });
    assert.deepEqual((await admin.call('GET', `/apps/${id}/endpoints?reveal=true`)).body.items, [made.body]);
  });

  it('makes an endpoint as it is told', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    const body = {
      url: 'https://hooks.example.com/a?b=c',
      commands: [],
      token: 'mytoken',
      signingSecrets: [SECRET, OTHER_SECRET],
      timeoutMs: 100,
      success: 'any-2xx',
      maxAttempts: 50,
      concurrency: 1,
      ratePerSecond: 10,
      headers: { 'X-Tenant': 'blue', authorization: 'Basic abc' },
      payload: 'extended',
      onDead: 'hold',
      startFrom: '2026-11-20T08:00:00+01:00',
      state: 'paused',
    };
    const made = await admin.call('POST', `/apps/${id}/endpoints`, body);
    const { endpointId, createdAt, stateReason, circuit, ...shown } = made.body;
    assert.deepEqual([stateReason, circuit], ['person', { state: 'closed' }]);
    const told = { ...body, startFrom: '2026-11-20T07:00:00.000Z' };
    const none = {
      previousToken: null,
      previousTokenUntil: null,
      retiringSecrets: [],
      verificationKeys: [],
      tls: null,
    };
    assert.deepEqual(shown, { ...told, ...none });
    const { createdAtMs, ...stored } = admin.directory.endpoint(endpointId) ?? assert.fail();
    assert.deepEqual(stored, { ...told, endpointId, sdkAppId: id });
    assert.equal(createdAtMs, Date.parse(createdAt));
    const { token, signingSecrets } = (await admin.call('GET', `/apps/${id}/endpoints/${endpointId}`)).body;
    assert.deepEqual([token, signingSecrets], [null, ['whsec_…BwcH', 'whsec_…CQk=']]);
  });

  for (const startFrom of ['now', 'beginning', '2026-11-20', '2026-11-20T08:00', '2026-11-20T08:00:00.5Z']) {
    it(`starts from ${startFrom}`, async (t) => {
      const admin = await startAdmin(t);
      const id = await makeApp(admin);
      assert.equal((await admin.call('POST', `/apps/${id}/endpoints`, { url: URL_GIVEN, startFrom })).status, 201);
    });
  }

  const bad: readonly [why: string, body: object, pointer: string, says: RegExp][] = [
    ['no URL', { url: undefined }, '#/url', /is required/],
    ['URL of the wrong type', { url: 5 }, '#/url', /got 5/],
    ['relative URL', { url: '/cb' }, '#/url', /absolute http or https URL/],
    ['other scheme', { url: 'ftp://example.com/' }, '#/url', /got "ftp:"/],
    ['script', { url: 'javascript:alert(1)' }, '#/url', /got "javascript:"/],
    ['user name', { url: 'http://hunter2@example.com/' }, '#/url', /without user name and password/],
    ['password', { url: 'http://a:hunter2@example.com/' }, '#/url', /without user name and password/],
    ['fragment', { url: 'http://example.com/#hunter2' }, '#/url', /without a fragment/],
    ['empty fragment', { url: 'http://example.com/#' }, '#/url', /without a fragment/],
    ['space', { url: 'http://example.com/a b' }, '#/url', /without spaces/],
    ['line break', { url: 'http://example.com/\n' }, '#/url', /without spaces/],
    ['long URL', { url: `http://example.com/${'a'.repeat(2048)}` }, '#/url', /1 to 2048 characters/],
    ['refused address', { url: 'http://10.0.0.1/' }, '#/url', /^10\.0\.0\.1 is private$/],
    [
      'unknown command',
      { commands: ['C2C.CallbackAfterSendMsg'] },
      '#/commands/0',
      /one of "Profile.CallbackPortraitSet"/,
    ],
    ['command twice', { commands: Array(2).fill('Profile.CallbackPortraitSet') }, '#/commands', /no two alike/],
    ['long token', { token: 'hunter2'.repeat(20) }, '#/token', /at most 128 .*got a string of 140 characters/],
    ['token null', { token: null }, '#/token', /got null/],
    ['no secret', { signingSecrets: [] }, '#/signingSecrets', /1 to 5 items/],
    [
      'secret of another form',
      { signingSecrets: [SECRET, 'hunter2'] },
      '#/signingSecrets/1',
      /whsec_ and 24 to 64 bytes/,
    ],
    ['short secret', { signingSecrets: ['whsec_aHVudGVyMg=='] }, '#/signingSecrets/0', /24 to 64 bytes/],
    ['public key', { signingSecrets: [PUBLIC_KEY] }, '#/signingSecrets/0', /is a public key; expected the private one/],
    [
      'short key',
      { signingSecrets: ['whsk_aHVudGVyMg=='] },
      '#/signingSecrets/0',
      /32 bytes, or 64 with its public key/,
    ],
    [
      'key with the public half of another',
      { signingSecrets: [`whsk_${Buffer.alloc(64, 7).toString('base64')}`] },
      '#/signingSecrets/0',
      /32 bytes, or 64/,
    ],
    ['masked secret', { signingSecrets: ['whsec_…BwcH'] }, '#/signingSecrets/0', /24 to 64 bytes/],
    ['secret twice', { signingSecrets: [SECRET, SECRET] }, '#/signingSecrets', /no two alike/],
    ['unknown type of secret', { signingSecretType: 'rsa' }, '#/signingSecretType', /"hmac-sha256", "ed25519"/],
    [
      'type beside a secret',
      { signingSecretType: 'ed25519', signingSecrets: [SECRET] },
      '#/signingSecretType',
      /signingSecrets are given/,
    ],
    ['short timeout', { timeoutMs: 99 }, '#/timeoutMs', /from 100 to 30000, got 99/],
    ['long timeout', { timeoutMs: 30001 }, '#/timeoutMs', /from 100 to 30000/],
    ['timeout as text', { timeoutMs: '2000' }, '#/timeoutMs', /got "2000"/],
    ['unknown rule', { success: 'always' }, '#/success', /one of "protocol", "tencent", "any-2xx", got "always"/],
    ['no attempt', { maxAttempts: 0 }, '#/maxAttempts', /from 1 to 50/],
    ['51 attempts', { maxAttempts: 51 }, '#/maxAttempts', /from 1 to 50/],
    ['no concurrency', { concurrency: 0 }, '#/concurrency', /from 1 to 512/],
    ['much concurrency', { concurrency: 513 }, '#/concurrency', /from 1 to 512/],
    ['negative rate', { ratePerSecond: -1 }, '#/ratePerSecond', /got -1/],
    ['headers as a list', { headers: [] }, '#/headers', /an object of at most 20 members, got an array of 0/],
    [
      '21 headers',
      { headers: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`x-${i}`, ''])) },
      '#/headers',
      /at most 20/,
    ],
    ['header value of the wrong type', { headers: { 'x-a': 5 } }, '#/headers/x-a', /got a number/],
    ['header value with a line break', { headers: { 'x-a': 'hunter2\r\nx-b: c' } }, '#/headers/x-a', /printable ASCII/],
    ['long header value', { headers: { 'x-a': 'hunter2'.repeat(150) } }, '#/headers/x-a', /at most 1024/],
    ['header name no token', { headers: { 'x a': '' } }, '#/headers/x a', /expected a header name/],
    ['header name with a slash', { headers: { 'x/a': '' } }, '#/headers/x~1a', /expected a header name/],
    ['empty header name', { headers: { '': '' } }, '#/headers/', /expected a header name/],
    ['header name twice', { headers: { 'x-a': '', 'X-A': '' } }, '#/headers/X-A', /is there twice/],
    ['unknown payload', { payload: 'full' }, '#/payload', /"tencent", "extended"/],
    ['unknown onDead', { onDead: 'drop' }, '#/onDead', /"skip", "hold"/],
    [
      'unknown start',
      { startFrom: 'yesterday' },
      '#/startFrom',
      /"now", "beginning" or an ISO 8601 time, got "yesterday"/,
    ],
    ['start on no day', { startFrom: '2026-13-01' }, '#/startFrom', /ISO 8601/],
    ['state of the circuit', { state: 'open' }, '#/state', /"active", "paused", got "open"/],
    ['unknown member', { colour: 'red' }, '#/colour', /is not known here/],
    ['chosen id', { endpointId: 'ep_1' }, '#/endpointId', /is not known here/],
  ];

  it('refuses what is no endpoint, names the member and tells no secret', async (t) => {
    const checkUrl = (url: string) => (url.includes('10.0.0.1') ? '10.0.0.1 is private' : undefined);
    const admin = await startAdmin(t, { checkUrl });
    const id = await makeApp(admin);
    for (const [why, body, pointer, says] of bad) {
      const answer = await admin.call('POST', `/apps/${id}/endpoints`, { url: URL_GIVEN, ...body });
      const faults = assertProblem(answer, 400, pointer.slice(2));
      assert.deepEqual(Object.keys(faults), [pointer], why);
      assert.match(faults[pointer] ?? '', says, why);
      assert.doesNotMatch(answer.text, /hunter2|aHVudGVyMg/, why);
    }
    assert.deepEqual(admin.directory.endpoints(), []);
  });

  it('refuses headers that the protocol or the connection sets', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    const own = ['Host', 'content-length', 'Content-Type', 'user-agent', 'connection', 'transfer-encoding', 'expect'];
    for (const name of [...own, 'webhook-id', 'Webhook-Signature', 'portrait-attempt', 'traceparent', 'upgrade']) {
      const answer = await admin.call('POST', `/apps/${id}/endpoints`, { url: URL_GIVEN, headers: { [name]: 'x' } });
      assert.match(assertProblem(answer, 400)[`#/headers/${name}`] ?? '', /is set by Portrait itself/);
    }
  });

  it('changes what is given and leaves the rest', async (t) => {
    const checkUrl = (url: string) => (url.includes('10.0.0.1') ? '10.0.0.1 is private' : undefined);
    const admin = await startAdmin(t, { checkUrl });
    const id = await makeApp(admin);
    const path = `/apps/${id}/endpoints/${await makeEndpoint(admin, id, { token: 'old', headers: { 'x-a': '1' } })}`;
    const before = (await admin.call('GET', `${path}?reveal=true`)).body;
    const changes = { url: 'https://example.com/', token: '', headers: { 'x-b': '2' }, signingSecrets: [SECRET] };
    const changed = await admin.call('PATCH', `${path}?reveal=true`, changes);
    assert.deepEqual(changed.body, { ...before, ...changes });
    assert.deepEqual((await admin.call('PATCH', path, { state: 'paused' })).body, {
      ...changed.body,
      signingSecrets: ['whsec_…BwcH'],
      state: 'paused',
      stateReason: 'person',
    });
    const wrong = { url: 'http://10.0.0.1/', startFrom: 'now', createdAt: 'x', signingSecrets: [], maxAttempts: 0 };
    for (const [name, value] of Object.entries(wrong)) {
      assertProblem(await admin.call('PATCH', path, { [name]: value }), 400, name);
    }
    assert.equal((await admin.store.listEndpoints())[0]?.state, 'paused');
  });

  it('pauses and resumes', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    const endpointId = await makeEndpoint(admin, id);
    for (const [action, state] of [
      ['pause', 'paused'],
      ['pause', 'paused'],
      ['resume', 'active'],
    ]) {
      const answer = await admin.call('POST', `/apps/${id}/endpoints/${endpointId}/${action}`);
      assert.deepEqual([answer.status, answer.body.state, answer.body.token], [200, state, '']);
      assert.equal(admin.directory.endpoint(endpointId)?.state, state);
    }
  });

  it('sends a sample callback and answers with the exchange', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    const endpointId = await makeEndpoint(admin, id);
    for (const [body, headers] of [[undefined], [{}], ['', { 'content-type': 'application/json' }]] as const) {
      const answer = await admin.call('POST', `/apps/${id}/endpoints/${endpointId}/test`, body, headers);
      assert.deepEqual([answer.status, answer.body], [200, EXCHANGE]);
    }
    const answer = await admin.call('POST', `/apps/${id}/endpoints/${endpointId}/test`, { command: 'x' });
    assertProblem(answer, 400, 'body: expected none, or an empty JSON object');
    assert.deepEqual(
      admin.tested.map((endpoint) => endpoint.endpointId),
      Array(3).fill(endpointId),
    );
  });

  it('removes an endpoint', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    const endpointId = await makeEndpoint(admin, id);
    const gone = await admin.call('DELETE', `/apps/${id}/endpoints/${endpointId}`);
    assert.deepEqual([gone.status, gone.text], [204, '']);
    assert.deepEqual(await admin.store.listEndpoints(), []);
  });

  it('knows no endpoint of another app, and none of an app that is not there', async (t) => {
    const admin = await startAdmin(t);
    const [id, other] = [await makeApp(admin), await makeApp(admin)];
    const endpointId = await makeEndpoint(admin, id);
    const routes = [
      ['GET', ''],
      ['PATCH', '', {}],
      ['DELETE', ''],
      ['POST', '/test'],
      ['POST', '/pause'],
      ['POST', '/resume'],
    ] as const;
    for (const [method, action, body] of routes) {
      for (const path of [
        `${other}/endpoints/${endpointId}`,
        `${id}/endpoints/ep_nobody`,
        `99/endpoints/${endpointId}`,
      ]) {
        assertProblem(await admin.call(method, `/apps/${path}${action}`, body), 404, 'there is no endpoint');
      }
    }
    assertProblem(await admin.call('GET', '/apps/99/endpoints'), 404, 'there is no app 99');
    assertProblem(await admin.call('POST', '/apps/99/endpoints', { url: URL_GIVEN }), 404, 'there is no app 99');
    assert.ok(admin.directory.endpoint(endpointId));
  });

  it('lists the endpoints of one app in the order they were made, page by page', async (t) => {
    const admin = await startAdmin(t);
    const [id, other] = [await makeApp(admin), await makeApp(admin)];
    const made: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      made.push(await makeEndpoint(admin, id));
      await makeEndpoint(admin, other);
      admin.advance(1);
    }
    const seen: string[] = [];
    let path = `/apps/${id}/endpoints?limit=2`;
    for (let pages = 1; ; pages += 1) {
      const { items, nextCursor } = (await admin.call('GET', path)).body;
      seen.push(...items.map((endpoint: { endpointId: string }) => endpoint.endpointId));
      if (nextCursor === null) {
        assert.equal(pages, 3);
        break;
      }
      path = `/apps/${id}/endpoints?limit=2&cursor=${nextCursor}`;
    }
    assert.deepEqual(seen, made);
    const { nextCursor } = (await admin.call('GET', '/apps?limit=1')).body;
    assertProblem(await admin.call('GET', `/apps/${id}/endpoints?cursor=${nextCursor}`), 400, 'of the same list');
  });
});
