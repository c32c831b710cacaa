/** Rows of the tables `app` and `endpoint`: few, and changed by people. Each change of them moves the number that nodes look at. */
import { StoreError } from '../../errors.ts';
import { completeApp } from '../app-defaults.ts';
import type { App, Endpoint } from '../store.ts';
import type { Database, SqlRow, Transaction } from './database.ts';

type Queryable = Pick<Database | Transaction, 'query'>;

/** An endpoint with the number it has in other tables. */
export interface NumberedEndpoint {
  readonly endpointNo: number;
  readonly endpoint: Endpoint;
}

/** By SDKAppID. */
export async function listApps(db: Queryable): Promise<App[]> {
  const rows = await db.query('SELECT settings FROM portrait.app ORDER BY sdk_app_id');
  return rows.map((row) => completeApp(JSON.parse(row.settings as string)));
}

/** In the order they were made. */
export async function listEndpoints(db: Queryable): Promise<Endpoint[]> {
  return (await db.query('SELECT settings, circuit FROM portrait.endpoint ORDER BY endpoint_no')).map(endpointOf);
}

/** Those of one app, in the order they were made. */
export async function endpointsOf(db: Queryable, sdkAppId: number): Promise<NumberedEndpoint[]> {
  const sql = 'SELECT endpoint_no, settings, circuit FROM portrait.endpoint WHERE sdk_app_id = $1 ORDER BY endpoint_no';
  return (await db.query(sql, [sdkAppId])).map((row) => ({
    endpointNo: row.endpoint_no as number,
    endpoint: endpointOf(row),
  }));
}

/** @throws StoreError `missing` */
export async function findEndpoint(
  db: Queryable,
  endpointId: string,
  lock: '' | 'FOR UPDATE' = '',
): Promise<NumberedEndpoint> {
  const sql = `SELECT endpoint_no, settings, circuit FROM portrait.endpoint WHERE endpoint_id = $1 ${lock}`;
  const [row] = await db.query(sql, [endpointId]);
  if (!row) throw new StoreError('missing', `There is no endpoint ${endpointId}.`);
  return { endpointNo: row.endpoint_no as number, endpoint: endpointOf(row) };
}

/** With one head for each lane, which a change locks. @throws StoreError `exists` */
export async function insertApp(tx: Transaction, app: App, laneCount: number): Promise<void> {
  const { sdkAppId } = app;
  await touchSettings(tx); // one at a time
  const [removed] = await tx.query(
    'SELECT 1 AS one FROM portrait.head WHERE lane = 0 AND sdk_app_id = $1 AND is_removed',
    [sdkAppId],
  );
  if (removed) throw new StoreError('exists', `The app ${sdkAppId} is still being removed.`);
  const sql =
    'INSERT INTO portrait.app (sdk_app_id, settings) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING sdk_app_id';
  const made = await tx.query(sql, [sdkAppId, JSON.stringify(app)]);
  if (made.length === 0) throw new StoreError('exists', `There is an app ${sdkAppId} already.`);
  tx.send(
    'INSERT INTO portrait.head SELECT lane, $1, 0, 1, 0, 0, false FROM generate_series(0, $2::int - 1) AS t (lane)',
    [sdkAppId, laneCount],
  );
}

/** @throws StoreError `missing` */
export async function updateApp(tx: Transaction, app: App): Promise<void> {
  await touchSettings(tx);
  const sql = 'UPDATE portrait.app SET settings = $1 WHERE sdk_app_id = $2 RETURNING sdk_app_id';
  const changed = await tx.query(sql, [JSON.stringify(app), app.sdkAppId]);
  if (changed.length === 0) throw new StoreError('missing', `There is no app ${app.sdkAppId}.`);
}

/** @returns the endpoint's number. @throws StoreError `exists`, `missing` */
export async function insertEndpoint(tx: Transaction, endpoint: Endpoint): Promise<number> {
  const { endpointId, sdkAppId } = endpoint;
  await touchSettings(tx);
  const [app] = await tx.query('SELECT 1 AS one FROM portrait.app WHERE sdk_app_id = $1', [sdkAppId]);
  if (!app) throw new StoreError('missing', `There is no app ${sdkAppId}.`);
  const endpointNo = await nextNumber(tx, 'endpoints');
  const sql = `INSERT INTO portrait.endpoint (endpoint_no, endpoint_id, sdk_app_id, settings) VALUES ($1, $2, $3, $4)
    ON CONFLICT (endpoint_id) DO NOTHING RETURNING endpoint_no`;
  const made = await tx.query(sql, [endpointNo, endpointId, sdkAppId, settingsOf(endpoint)]);
  if (made.length === 0) throw new StoreError('exists', `There is an endpoint ${endpointId} already.`);
  return endpointNo;
}

/** Of one that is there. */
export function putEndpoint(tx: Transaction, endpointNo: number, endpoint: Endpoint): void {
  tx.send('UPDATE portrait.endpoint SET settings = $1 WHERE endpoint_no = $2', [settingsOf(endpoint), endpointNo]);
}

/** The settings are not what they were: all nodes are to read them again. Who does so first goes on first. */
export async function touchSettings(tx: Transaction): Promise<void> {
  await tx.query("UPDATE portrait.meta SET value = value + 1 WHERE name = 'settings'");
}

/** @returns a number that was never given before */
export async function nextNumber(tx: Transaction, name: 'endpoints' | 'replays'): Promise<number> {
  const [row] = await tx.query('UPDATE portrait.meta SET value = value + 1 WHERE name = $1 RETURNING value', [name]);
  return Number(row?.value);
}

function endpointOf({ settings, circuit }: SqlRow): Endpoint {
  return { ...JSON.parse(settings as string), ...(circuit !== null && { circuit: JSON.parse(circuit as string) }) };
}

/** What stands in the column: the circuit has one of its own. */
function settingsOf({ circuit: _, ...settings }: Endpoint): string {
  return JSON.stringify(settings);
}
