import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { RedeliveryResult, Resend } from '../../src/admin/resend.ts';
import type { ReplayQuery } from '../../src/storage/replay-store.ts';
import { type Admin, assertProblem, makeApp, makeEndpoint, START_MS, setNick, startAdmin } from './support.ts';

interface Scene extends Admin {
  readonly id: number;
  readonly endpointId: string;
  /** what replays were asked for */
  readonly queries: readonly ReplayQuery[];
}

const EMPTY = { pending: 0, retrying: 0, waiting: 0, held: 0, delivered: 0, dead: 0, skipped: 0 };

/** An app with an endpoint; those who send again only take down what they are asked for. */
async function startScene(t: TestContext, redelivery: RedeliveryResult = { kind: 'sent' }): Promise<Scene> {
  const queries: ReplayQuery[] = [];
  const resend: Resend = {
    redeliver: async () => redelivery,
    count: async (query) => {
      queries.push(query);
      return { ranges: [], total: 0, byState: EMPTY, first: undefined, last: undefined };
    },
    create: async () => undefined,
    cancel: async () => false,
    obstacleOf: () => undefined,
  };
  const admin = await startAdmin(t, { resend });
  const id = await makeApp(admin);
  return { ...admin, id, endpointId: await makeEndpoint(admin, id), queries };
}

describe('admin API: replays', () => {
  it('refuses wrong bodies, and names the member', async (t) => {
    const { call, id, endpointId } = await startScene(t);
    const fine = { endpointId, from: '0' };
    const cases: readonly (readonly [body: unknown, pointer: string, detail: RegExp])[] = [
      [undefined, '#', /expected a JSON object/],
      [[], '#', /expected a JSON object/],
      [{ from: '0' }, '#/endpointId', /is required/],
      [{ endpointId }, '#/from', /is required/],
      [{ ...fine, endpointId: 'ep_nobody' }, '#/endpointId', /there is no endpoint "ep_nobody" of app \d+/],
      [{ ...fine, endpointId: '' }, '#/endpointId', /1 to 64 characters/],
      [{ ...fine, endpointId: 'x'.repeat(65) }, '#/endpointId', /1 to 64 characters/],
      [{ ...fine, endpointId: 7 }, '#/endpointId', /expected a string/],
      [{ ...fine, from: 'yesterday' }, '#/from', /expected an ISO 8601 time or Unix milliseconds, got "yesterday"/],
      [{ ...fine, from: '1795428000' }, '#/from', /expected an ISO 8601 time/],
      [{ ...fine, from: 0 }, '#/from', /expected a string/],
      [{ ...fine, from: '9'.repeat(41) }, '#/from', /at most 40 characters/],
      [{ ...fine, from: '2026-11-25' }, '#/from', /expected a moment before now/],
      [{ ...fine, from: '2026-11-23', to: '2026-11-22' }, '#/from', /expected a moment before the one of to/],
      [{ ...fine, to: 'now' }, '#/to', /expected an ISO 8601 time/],
      [{ ...fine, userId: '' }, '#/userId', /1 to 32 characters/],
      [{ ...fine, userId: 'x'.repeat(33) }, '#/userId', /1 to 32 characters/],
      [{ ...fine, state: 'pending' }, '#/state', /expected one of "delivered", "dead", "skipped", got "pending"/],
      [{ ...fine, ratePerSecond: 0 }, '#/ratePerSecond', /expected an integer from 1 to 1000, got 0/],
      [{ ...fine, ratePerSecond: 1_001 }, '#/ratePerSecond', /from 1 to 1000/],
      [{ ...fine, ratePerSecond: 1.5 }, '#/ratePerSecond', /expected an integer/],
      [{ ...fine, ratePerSecond: '5' }, '#/ratePerSecond', /expected an integer/],
      [{ ...fine, dryRun: 'yes' }, '#/dryRun', /expected true or false/],
      [{ ...fine, force: true }, '#/force', /is not known here, expected one of endpointId, from, to/],
    ];
    for (const [body, pointer, detail] of cases) {
      const faults = assertProblem(await call('POST', `/apps/${id}/replay`, body), 400);
      assert.match(faults[pointer] ?? '', detail, JSON.stringify(body));
    }
    assertProblem(await call('POST', '/apps/99/replay', fine), 404, 'there is no app 99');
    assertProblem(await call('POST', `/apps/${id}/replay?dryRun=true`, fine), 400, 'query parameter dryRun');
  });

  it('refuses an endpoint of another app', async (t) => {
    const scene = await startScene(t);
    const other = await makeApp(scene);
    const answer = await scene.call('POST', `/apps/${other}/replay`, { endpointId: scene.endpointId, from: '0' });
    assertProblem(answer, 400, `there is no endpoint "${scene.endpointId}" of app ${other}`);
  });

  it('fills in what is not said', async (t) => {
    const scene = await startScene(t);
    const { call, id, endpointId, queries } = scene;
    const slow = await makeEndpoint(scene, id, { ratePerSecond: 10 });
    const replay = (body: object) => call('POST', `/apps/${id}/replay`, { from: '0', dryRun: true, ...body });
    await replay({ endpointId });
    await replay({ endpointId: slow });
    await replay({ endpointId: slow, ratePerSecond: 200, to: '2026-11-23T09:00:00Z', userId: 'ann', state: 'dead' });
    const common = { sdkAppId: id, fromMs: 0 };
    assert.deepEqual(queries, [
      { ...common, endpointId, toMs: START_MS, ratePerSecond: 50 },
      { ...common, endpointId: slow, toMs: START_MS, ratePerSecond: 10 },
      {
        ...common,
        endpointId: slow,
        toMs: START_MS - 3_600_000,
        userId: 'ann',
        deliveryState: 'dead',
        ratePerSecond: 200,
      },
    ]);
  });

  it('knows no replay of another app, and none that is not there', async (t) => {
    const { call, id } = await startScene(t);
    for (const [method, path] of [
      ['GET', `/apps/${id}/replays/rpl_x`],
      ['POST', `/apps/${id}/replays/rpl_x/cancel`],
    ] as const) {
      assertProblem(await call(method, path), 404, `there is no replay rpl_x of app ${id}`);
    }
    assertProblem(await call('GET', '/apps/99/replays'), 404, 'there is no app 99');
    assertProblem(await call('GET', `/apps/${id}/replays?cursor=zzz`), 400, 'query parameter cursor');
    assert.deepEqual((await call('GET', `/apps/${id}/replays`)).body, { items: [], nextCursor: null });
  });

  it('tells why a delivery is not sent again', async (t) => {
    for (const [result, status, detail] of [
      [{ kind: 'busy' }, 503, 'other callbacks are under way; try again'],
      [{ kind: 'erased' }, 409, 'the account ann was deleted and the values of this change were erased'],
      [{ kind: 'waits' }, 409, 'it comes by itself, and is pending: about to go'],
    ] as const) {
      const scene = await startScene(t, result);
      await setNick(scene, scene.id, 'ann', 'A');
      const { items } = (await scene.call('GET', `/apps/${scene.id}/deliveries`)).body;
      const answer = await scene.call('POST', `/apps/${scene.id}/deliveries/${items[0].deliveryId}/redeliver`);
      assertProblem(answer, status, detail);
      assert.equal(answer.headers['retry-after'], status === 503 ? '1' : undefined);
    }
  });

  it('sends nothing from a process that does not deliver', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    const endpointId = await makeEndpoint(admin, id);
    await setNick(admin, id, 'ann', 'A');
    const { items } = (await admin.call('GET', `/apps/${id}/deliveries`)).body;
    for (const [path, body] of [
      [`deliveries/${items[0].deliveryId}/redeliver`, undefined],
      ['replay', { endpointId, from: '0' }],
      ['replay', { endpointId, from: '0', dryRun: true }],
    ] as const) {
      assertProblem(await admin.call('POST', `/apps/${id}/${path}`, body), 503, 'this process delivers nothing');
    }
  });
});
