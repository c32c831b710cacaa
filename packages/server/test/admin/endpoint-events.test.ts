import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndpointCircuit } from '../../src/storage/store.ts';
import { type Admin, assertProblem, makeApp, makeEndpoint, START_MS, startAdmin } from './support.ts';

interface ShownEvent {
  readonly no: number;
  readonly at: string;
  readonly kind: string;
  readonly reason?: string;
  readonly detail?: string;
}

const LEASE = { lane: 0, epoch: 1 };
const OPEN: EndpointCircuit = {
  state: 'open',
  sinceMs: START_MS,
  reason: 'connect',
  nextProbeAtMs: START_MS + 1_000,
};

/** An app, its endpoint, and the endpoint's path. */
async function prepare(admin: Admin, body: object = {}) {
  const sdkAppId = await makeApp(admin);
  const endpointId = await makeEndpoint(admin, sdkAppId, body);
  const path = `/apps/${sdkAppId}/endpoints/${endpointId}`;
  const events = async (): Promise<readonly ShownEvent[]> => (await admin.call('GET', `${path}/events`)).body.items;
  return { endpointId, path, events };
}

describe('admin API: events of endpoints', () => {
  it('tells what people did, newest first, by the names of what changed', async (t) => {
    const admin = await startAdmin(t);
    const { path, events } = await prepare(admin, { token: 'hunter2' });
    admin.advance(1_000);
    await admin.call('PATCH', path, { token: 'hunter3', headers: { 'x-a': 'hunter4' }, timeoutMs: 2000 });
    await admin.call('PATCH', path, { state: 'paused', concurrency: 2 });
    await admin.call('POST', `${path}/pause`);
    await admin.call('POST', `${path}/resume`);
    const shown = await events();
    assert.deepEqual(
      shown.map(({ no, kind, reason, detail }) => [no, kind, reason, detail]),
      [
        [5, 'resumed', 'person', undefined],
        [4, 'paused', 'person', undefined],
        [3, 'updated', 'person', 'concurrency'],
        [2, 'updated', 'person', 'token, headers'],
        [1, 'created', 'person', undefined],
      ],
    );
    assert.equal(shown.at(-1)?.at, '2026-11-23T10:00:00.000Z');
    assert.equal(shown[0]?.at, '2026-11-23T10:00:01.000Z');
    assert.doesNotMatch(JSON.stringify(shown), /hunter/);
  });

  it('shows an open circuit as the state, and what happened in it', async (t) => {
    const admin = await startAdmin(t);
    const { endpointId, path, events } = await prepare(admin);
    await admin.directory.recordCircuit({
      endpointId,
      circuit: OPEN,
      note: { kind: 'circuit-opened', reason: 'connect', detail: 'why' },
      lease: LEASE,
    });
    const { state, stateReason, circuit } = (await admin.call('GET', path)).body;
    assert.deepEqual([state, stateReason], ['open', 'connect']);
    assert.deepEqual(circuit, {
      state: 'open',
      since: '2026-11-23T10:00:00.000Z',
      reason: 'connect',
      nextProbeAt: '2026-11-23T10:00:01.000Z',
    });
    const [event] = await events();
    assert.deepEqual([event?.kind, event?.reason, event?.detail], ['circuit-opened', 'connect', 'why']);
  });

  it('keeps the circuit whatever is changed in the settings, and shows a pause before it', async (t) => {
    const admin = await startAdmin(t);
    const { endpointId, path } = await prepare(admin);
    await admin.directory.recordCircuit({ endpointId, circuit: OPEN, lease: LEASE });
    assert.equal((await admin.call('PATCH', path, { timeoutMs: 500 })).body.state, 'open');
    const { state, stateReason, circuit } = (await admin.call('POST', `${path}/pause`)).body;
    assert.deepEqual([state, stateReason, circuit.state], ['paused', 'person', 'open']);
    assert.deepEqual((await admin.store.listEndpoints())[0]?.circuit, OPEN);
    assert.equal((await admin.call('POST', `${path}/resume`)).body.state, 'open');
  });

  it('tells of each word of a person to go on, also if nothing was paused', async (t) => {
    const admin = await startAdmin(t);
    const { endpointId, path, events } = await prepare(admin);
    const told: string[] = [];
    admin.directory.onEndpointEvent(({ kind }) => told.push(kind));
    await admin.directory.recordCircuit({ endpointId, circuit: OPEN, lease: LEASE });
    await admin.call('POST', `${path}/resume`);
    await admin.call('PATCH', path, { timeoutMs: 500 });
    await admin.call('PATCH', path, { timeoutMs: 500, state: 'active' });
    assert.deepEqual(told, ['resumed', 'updated']);
    assert.equal((await events()).length, 3);
  });

  it('tells why an endpoint that answered 410 is paused, until a person says something else', async (t) => {
    const admin = await startAdmin(t);
    const { endpointId, path, events } = await prepare(admin);
    await admin.directory.pauseGone(endpointId);
    await admin.directory.pauseGone(endpointId);
    const shown = (await admin.call('PATCH', path, { timeoutMs: 500 })).body;
    assert.deepEqual([shown.state, shown.stateReason], ['paused', 'gone']);
    const resumed = (await admin.call('PATCH', path, { state: 'active' })).body;
    assert.deepEqual([resumed.state, resumed.stateReason], ['active', null]);
    const paused = (await admin.call('POST', `${path}/pause`)).body;
    assert.deepEqual([paused.state, paused.stateReason], ['paused', 'person']);
    assert.deepEqual(
      (await events()).map(({ kind }) => kind),
      ['paused', 'resumed', 'updated', 'gone', 'created'],
    );
  });

  it('comes page by page, and knows no endpoint of another app', async (t) => {
    const admin = await startAdmin(t);
    const { path } = await prepare(admin);
    for (let timeoutMs = 101; timeoutMs <= 106; timeoutMs += 1) await admin.call('PATCH', path, { timeoutMs });
    const seen: number[] = [];
    let query = '?limit=3';
    for (let pages = 1; ; pages += 1) {
      const { items, nextCursor } = (await admin.call('GET', `${path}/events${query}`)).body;
      seen.push(...items.map(({ no }: ShownEvent) => no));
      if (nextCursor === null) {
        assert.equal(pages, 3);
        break;
      }
      query = `?limit=3&cursor=${nextCursor}`;
    }
    assert.deepEqual(seen, [7, 6, 5, 4, 3, 2, 1]);
    const elsewhere = path.replace(/apps\/\d+/, `apps/${await makeApp(admin)}`);
    assertProblem(await admin.call('GET', `${elsewhere}/events`), 404, 'there is no endpoint');
    assertProblem(await admin.call('GET', `${path}/events?cursor=x`), 400, 'of the same list');
    assertProblem(await admin.call('GET', `${path}/events?limit=0`), 400, 'limit');
  });
});
