/** Making, changing and removing endpoints, each with what is remembered of it. */
import { StoreError } from '../../errors.ts';
import { notesOfUpdate } from '../endpoint-notes.ts';
import type { App, Endpoint, EndpointEvent, Store } from '../store.ts';
import type { Database, Transaction } from './database.ts';
import { isNews, putCircuit } from './endpoint-circuit.ts';
import { appendEndpointEvents } from './endpoint-events.ts';
import { firstSeqsAt } from './event-rows.ts';
import { type DatabaseTime, nowSql } from './now.ts';
import { endReplaysOf, forgetReplays } from './replays.ts';
import { findEndpoint, insertApp, insertEndpoint, putEndpoint, touchSettings, updateApp } from './settings.ts';

/** What it works with. */
export interface SettingsOptions {
  readonly database: Database;
  readonly laneCount: number;
  readonly time: DatabaseTime;
}

const PUT_CURSORS = `INSERT INTO portrait.cursor (lane, endpoint_no, seq, done_ahead, start_seq)
  SELECT lane, $1, seq, ''::bytea, seq FROM unnest($2::int[], $3::bigint[]) AS t (lane, seq)`;

/** @throws StoreError `exists` */
export function createApp({ database, laneCount }: SettingsOptions, app: App): Promise<void> {
  return database.transaction((tx) => insertApp(tx, app, laneCount));
}

/** @throws StoreError `missing` */
export function changeApp({ database }: SettingsOptions, app: App): Promise<void> {
  return database.transaction((tx) => updateApp(tx, app));
}

/** From now on there is no such app; what it has left is taken away afterwards (removals.ts). */
export function dropApp({ database, time }: SettingsOptions, sdkAppId: number): Promise<void> {
  return database.transaction(async (tx) => {
    await touchSettings(tx);
    const endpoints = await tx.query(
      'SELECT endpoint_id FROM portrait.endpoint WHERE sdk_app_id = $1 ORDER BY endpoint_no',
      [sdkAppId],
    );
    for (const row of endpoints) await removeEndpoint(tx, row.endpoint_id as string, await now(tx, time));
    tx.send('DELETE FROM portrait.app WHERE sdk_app_id = $1', [sdkAppId]);
    forgetReplays(tx, sdkAppId);
    // in the order in which changes lock them: who has one of them commits before, who comes later finds no app
    tx.send('SELECT lane FROM portrait.head WHERE sdk_app_id = $1 ORDER BY lane FOR UPDATE', [sdkAppId]);
    tx.send('UPDATE portrait.head SET is_removed = true WHERE sdk_app_id = $1', [sdkAppId]);
  });
}

/** With a cursor for each lane. @throws StoreError `exists`, `missing` */
export function createEndpoint(
  { database, laneCount, time }: SettingsOptions,
  endpoint: Endpoint,
): Promise<EndpointEvent[]> {
  const { endpointId } = endpoint;
  return database.transaction(async (tx) => {
    const endpointNo = await insertEndpoint(tx, endpoint);
    const starts = await startSeqs(tx, endpoint, laneCount);
    tx.send(PUT_CURSORS, [endpointNo, [...starts.keys()], [...starts.values()]]);
    const notes = [{ kind: 'created', reason: 'person' }] as const;
    return await appendEndpointEvents(tx, { endpointId, endpointNo }, { notes, atMs: await now(tx, time) });
  });
}

/** @throws StoreError `missing` */
export function changeEndpoint({ database, time }: SettingsOptions, endpoint: Endpoint): Promise<EndpointEvent[]> {
  const { endpointId } = endpoint;
  return database.transaction(async (tx) => {
    await touchSettings(tx);
    const { endpoint: before, endpointNo } = await findEndpoint(tx, endpointId, 'FOR UPDATE');
    putEndpoint(tx, endpointNo, endpoint);
    const notes = notesOfUpdate(before, endpoint);
    return await appendEndpointEvents(tx, { endpointId, endpointNo }, { notes, atMs: await now(tx, time) });
  });
}

/** @throws StoreError `missing`, `lease-lost` */
export function recordEndpoint(
  { database, time }: SettingsOptions,
  { endpointId, circuit, note, lease }: Parameters<Store['recordEndpoint']>[0],
): Promise<EndpointEvent[]> {
  return database.transaction(async (tx) => {
    await touchSettings(tx);
    const owner = lease && (await ownerOf(tx, lease));
    const { endpointNo } = await findEndpoint(tx, endpointId, 'FOR UPDATE');
    const atMs = await now(tx, time);
    const change = circuit && (await putCircuit(tx, { endpointNo, owner, circuit, nowMs: atMs }));
    const notes = note && (!change || isNews(note, change)) ? [note] : [];
    return await appendEndpointEvents(tx, { endpointId, endpointNo }, { notes, atMs });
  });
}

/** Its attempts are taken away afterwards (removals.ts). @throws StoreError `missing` */
export function dropEndpoint({ database, time }: SettingsOptions, endpointId: string): Promise<void> {
  return database.transaction(async (tx) => {
    await touchSettings(tx);
    await removeEndpoint(tx, endpointId, await now(tx, time));
  });
}

/** @returns who has the lease. @throws StoreError `lease-lost` */
async function ownerOf(
  tx: Transaction,
  { lane, epoch }: { readonly lane: number; readonly epoch: number },
): Promise<string | undefined> {
  const [row] = await tx.query('SELECT epoch, owner FROM portrait.lane WHERE lane = $1 FOR SHARE', [lane]);
  if (row?.epoch !== epoch) throw new StoreError('lease-lost');
  return (row.owner as string | null) ?? undefined;
}

async function removeEndpoint(tx: Transaction, endpointId: string, nowMs: number): Promise<void> {
  const { endpointNo } = await findEndpoint(tx, endpointId, 'FOR UPDATE');
  endReplaysOf(tx, endpointId, nowMs);
  tx.send('INSERT INTO portrait.removal (endpoint_no) VALUES ($1)', [endpointNo]);
  for (const table of ['endpoint', 'endpoint_event', 'cursor', 'parked', 'parked_event', 'passed']) {
    tx.send(`DELETE FROM portrait.${table} WHERE endpoint_no = $1`, [endpointNo]);
  }
}

/** @returns by lane the seq behind which the endpoint begins. Heads are locked meanwhile, so that no event slips by */
async function startSeqs(
  tx: Transaction,
  { sdkAppId, startFrom }: Endpoint,
  laneCount: number,
): Promise<ReadonlyMap<number, number>> {
  const heads = await tx.query(
    'SELECT lane, seq, first_seq FROM portrait.head WHERE sdk_app_id = $1 ORDER BY lane FOR SHARE',
    [sdkAppId],
  );
  if (startFrom === 'now') return new Map(heads.map((row) => [row.lane as number, row.seq as number]));
  const begins = heads.map((row): [number, number] => [row.lane as number, (row.first_seq as number) - 1]);
  if (startFrom === 'beginning') return new Map(begins);
  const lanes = Array.from({ length: laneCount }, (_, lane) => lane);
  const firsts = await firstSeqsAt(tx, { sdkAppId, lanes, atMs: Date.parse(startFrom) });
  return new Map(begins.map(([lane, seq]) => [lane, (firsts.get(lane) ?? seq + 1) - 1]));
}

async function now(tx: Transaction, time: DatabaseTime): Promise<number> {
  const [row] = await tx.query(`SELECT ${nowSql('$1')} AS now_ms`, [time() ?? null]);
  return row?.now_ms as number;
}
