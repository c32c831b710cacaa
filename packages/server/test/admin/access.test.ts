/** Who may do what: tokens, sessions of the console, viewers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Admin, type Answer, assertProblem, makeApp, startAdmin, TOKEN, VIEWER_TOKEN } from './support.ts';

const CONSOLE = { authorization: '', 'x-portrait-console': '1' };

async function signIn(admin: Admin, token: string, headers: Record<string, string> = {}): Promise<Answer> {
  return await admin.call('POST', '/session', { token }, { ...CONSOLE, ...headers });
}

/** @returns the header of later requests */
function cookieOf({ headers }: Answer): Record<string, string> {
  return { ...CONSOLE, cookie: String(headers['set-cookie']).split(';', 1)[0] ?? '' };
}

describe('admin API: sessions of the console', () => {
  it('a token is changed for a cookie that scripts can not read and other sites can not send', async (t) => {
    const admin = await startAdmin(t);
    const answer = await signIn(admin, TOKEN);
    assert.deepEqual([answer.status, answer.body.role, answer.body.version], [200, 'admin', '1.2.3']);
    const [value, ...attributes] = String(answer.headers['set-cookie']).split('; ');
    assert.match(value ?? '', /^portrait_session=admin\.\d+\.[\w-]{16}\.[\w-]{43}$/);
    assert.doesNotMatch(value ?? '', new RegExp(TOKEN));
    assert.deepEqual(attributes, ['Path=/admin/v1', 'Max-Age=43200', 'HttpOnly', 'SameSite=Strict']);
    assert.equal((await admin.call('GET', '/apps', undefined, cookieOf(answer))).status, 200);
    assert.equal((await admin.call('GET', '/session', undefined, cookieOf(answer))).body.role, 'admin');
  });

  it('the cookie counts only with the header of the console, and not from another site', async (t) => {
    const admin = await startAdmin(t);
    const cookie = cookieOf(await signIn(admin, TOKEN));
    const { 'x-portrait-console': _, ...without } = cookie;
    assertProblem(await admin.call('GET', '/apps', undefined, without), 401);
    assertProblem(await admin.call('GET', '/apps', undefined, { ...cookie, 'sec-fetch-site': 'cross-site' }), 401);
    assertProblem(
      await admin.call('POST', '/session', { token: TOKEN }, { authorization: '' }),
      403,
      'X-Portrait-Console',
    );
    assertProblem(await admin.call('DELETE', '/session', undefined, { authorization: '' }), 403);
  });

  it('a session ends: signed out, run out, or with another token', async (t) => {
    const admin = await startAdmin(t);
    const [one, other] = [cookieOf(await signIn(admin, TOKEN)), cookieOf(await signIn(admin, TOKEN))];
    const out = await admin.call('DELETE', '/session', undefined, one);
    assert.equal(out.status, 204);
    assert.match(String(out.headers['set-cookie']), /^portrait_session=; Path=\/admin\/v1; Max-Age=0/);
    assertProblem(await admin.call('GET', '/apps', undefined, one), 401, 'sign in again');
    assert.equal((await admin.call('GET', '/apps', undefined, other)).status, 200);
    admin.advance(12 * 3_600_000);
    assertProblem(await admin.call('GET', '/apps', undefined, other), 401, 'sign in again');
    for (const forged of ['viewer.9999999999999.abc.def', 'admin.1.2', '', 'admin..']) {
      const cookie = { ...CONSOLE, cookie: `portrait_session=${forged}` };
      assertProblem(await admin.call('GET', '/apps', undefined, cookie), 401);
    }
    const viewer = cookieOf(await signIn(admin, VIEWER_TOKEN)).cookie?.replace('=viewer.', '=admin.') ?? '';
    assertProblem(await admin.call('GET', '/apps', undefined, { ...CONSOLE, cookie: viewer }), 401);
  });

  it('wrong tokens are refused, and after eight of them made to wait', async (t) => {
    const admin = await startAdmin(t);
    for (let count = 0; count < 8; count += 1) assertProblem(await signIn(admin, 'wrong'), 401, 'neither');
    const refused = await signIn(admin, TOKEN);
    assertProblem(refused, 429, '15 s');
    assert.equal(refused.headers['retry-after'], '15');
    admin.advance(15_000);
    assert.equal((await signIn(admin, TOKEN)).status, 200);
    assert.equal((await signIn(admin, TOKEN)).status, 200, 'a right one is forgiven all that was before');
  });

  it('no token stands in the log', async (t) => {
    const admin = await startAdmin(t);
    await signIn(admin, TOKEN);
    await signIn(admin, 'wrong-secret');
    assert.doesNotMatch(JSON.stringify(admin.lines), /wrong-secret|a-token-for-tests/);
  });
});

describe('admin API: viewers', () => {
  const AS_VIEWER = { authorization: `Bearer ${VIEWER_TOKEN}` };

  it('read everything but secrets, and change nothing', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    assert.equal((await admin.call('GET', `/apps/${id}`, undefined, AS_VIEWER)).body.secretKey, null);
    assertProblem(await admin.call('GET', `/apps/${id}?reveal=true`, undefined, AS_VIEWER), 403, 'no secrets');
    for (const [method, path] of [
      ['POST', '/apps'],
      ['PATCH', `/apps/${id}`],
      ['DELETE', `/apps/${id}`],
      ['POST', `/apps/${id}/usersig`],
      ['POST', `/apps/${id}/replay`],
      ['POST', `/apps/${id}/users/a/kick`],
    ] as const) {
      assertProblem(await admin.call(method, path, undefined, AS_VIEWER), 403, 'only reads');
    }
    const session = await signIn(admin, VIEWER_TOKEN);
    assert.equal(session.body.role, 'viewer');
    assertProblem(await admin.call('DELETE', `/apps/${id}`, undefined, cookieOf(session)), 403, 'only reads');
    assert.equal((await admin.call('GET', `/apps/${id}`)).status, 200);
  });

  it('do not see what an endpoint is sent in headers', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    const headers = { authorization: 'Basic c2VjcmV0' };
    await admin.call('POST', `/apps/${id}/endpoints`, { url: 'http://127.0.0.1:9/', headers });
    const seen = await admin.call('GET', `/apps/${id}/endpoints`, undefined, AS_VIEWER);
    assert.deepEqual(seen.body.items[0].headers, { authorization: '***' });
    const { endpointId } = seen.body.items[0];
    const one = await admin.call('GET', `/apps/${id}/endpoints/${endpointId}`, undefined, AS_VIEWER);
    assert.deepEqual(one.body.headers, { authorization: '***' });
  });

  it('may look into a UserSig', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    const answer = await admin.call('POST', `/apps/${id}/usersig/verify`, { userSig: 'x' }, AS_VIEWER);
    assert.equal(answer.body.isValid, false);
  });
});
