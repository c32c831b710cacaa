/** Copies an embedded store into an empty PostgreSQL database, with no server on either; what was broken off goes on where it was. */
import { systemClock } from '../clock.ts';
import { StoreError } from '../errors.ts';
import { laneOf } from '../storage/lane.ts';
import { Database, type Transaction } from '../storage/postgres/database.ts';
import { openPostgresStore } from '../storage/postgres/open.ts';
import { encodeSeqs } from '../storage/seq-bitmap.ts';
import { moveEvents } from './move-events.ts';
import { endpointsOf, openSource, type Source, type SourceEndpoint, type SourceRow } from './source.ts';

const PROFILES_PER_BATCH = 2_000;
const POOL_SIZE = 3;
/** Where `moving` of the table `meta` stands: no server opens the store before it is done. */
const PHASES = { profiles: 1, events: 2, done: 0 } as const;

/** From where, to where. */
export interface MoveStoreOptions {
  readonly folder: string;
  readonly url: string;
  /** told now and then: what is copied, how many of how many */
  readonly onProgress: (what: string, done: number, total: number) => void;
}

/** Rows that were counted on both sides at the end. */
export type MoveCounts = Readonly<
  Record<'apps' | 'endpoints' | 'profiles' | 'events' | 'attempts' | 'waiting', number>
>;

/** @throws StoreError `refused` a server runs, the database is not empty, or the counts differ at the end; `missing` there is no store */
export async function moveStore({ folder, url, onProgress }: MoveStoreOptions): Promise<MoveCounts> {
  const source = openSource(folder);
  let database: Database | undefined;
  try {
    const [open] = source.all("SELECT count(*) AS n FROM replay WHERE state IN ('queued', 'running')");
    if (open?.n !== 0)
      throw new StoreError('refused', `${open?.n} replays have not ended: cancel them, or let them end.`);
    const laneCount = await makeStore(url);
    database = new Database({ url, poolSize: POOL_SIZE, clock: systemClock });
    const phase = await readPhase(database);
    if (phase === PHASES.profiles) await copySettings(source, database, { laneCount, onProgress });
    const total = source.count('event');
    let done = 0;
    for (const { sdk_app_id: sdkAppId } of source.all('SELECT sdk_app_id FROM app ORDER BY sdk_app_id')) {
      const endpoints = endpointsOf(source, sdkAppId as number);
      let ofApp = 0;
      const tell = (events: number): void => {
        ofApp = events;
        onProgress('events', done + ofApp, total);
      };
      await moveEvents({ source, database, sdkAppId: sdkAppId as number, laneCount, endpoints, onProgress: tell });
      done += ofApp;
    }
    return await finish(source, database);
  } finally {
    await database?.close();
    source.close();
  }
}

/** The tables, whoever made them. @returns number of lanes */
async function makeStore(url: string): Promise<number> {
  const store = await openPostgresStore({
    url,
    poolSize: POOL_SIZE,
    clock: systemClock,
    isPortable: true,
    isMoving: true,
  });
  await store.close();
  return store.laneCount;
}

async function readPhase(database: Database): Promise<number> {
  const [row] = await database.query("SELECT value FROM portrait.meta WHERE name = 'moving'");
  if (row) {
    if (row.value === PHASES.done) throw new StoreError('refused', 'The database has been filled already.');
    return row.value as number;
  }
  const [app] = await database.query('SELECT 1 AS one FROM portrait.app LIMIT 1');
  if (app) throw new StoreError('refused', 'The database has apps already: it takes an empty one.');
  await database.query("INSERT INTO portrait.meta VALUES ('moving', $1)", [PHASES.profiles]);
  return PHASES.profiles;
}

/** Apps, endpoints and profiles, from the start: what an earlier try left of them goes first. */
async function copySettings(
  source: Source,
  database: Database,
  { laneCount, onProgress }: { laneCount: number; onProgress: MoveStoreOptions['onProgress'] },
): Promise<void> {
  const apps = source.all('SELECT * FROM app ORDER BY sdk_app_id');
  await database.transaction(async (tx) => {
    for (const table of ['app', 'endpoint', 'endpoint_event', 'head', 'cursor', 'parked', 'profile'])
      tx.send(`DELETE FROM portrait.${table}`);
    tx.send('DROP TABLE IF EXISTS portrait.moved_ahead');
    tx.send('CREATE TABLE portrait.moved_ahead (endpoint_no BIGINT NOT NULL, lane INT NOT NULL, seq BIGINT NOT NULL)');
    for (const app of apps) {
      tx.send('INSERT INTO portrait.app VALUES ($1, $2)', [app.sdk_app_id as number, app.settings as string]);
      tx.send(
        'INSERT INTO portrait.head SELECT lane, $1, 0, 1, 0, 0, false FROM generate_series(0, $2::int - 1) AS t (lane)',
        [app.sdk_app_id as number, laneCount],
      );
      for (const endpoint of endpointsOf(source, app.sdk_app_id as number))
        copyEndpoint(tx, source, { endpoint, laneCount });
    }
    tx.send(
      "UPDATE portrait.meta SET value = greatest(value, (SELECT coalesce(max(endpoint_no), 0) FROM portrait.endpoint)) WHERE name = 'endpoints'",
    );
  });
  await copyProfiles(source, database, { laneCount, onProgress });
  await database.query("UPDATE portrait.meta SET value = $1 WHERE name = 'moving'", [PHASES.events]);
}

function copyEndpoint(
  tx: Transaction,
  source: Source,
  { endpoint, laneCount }: { endpoint: SourceEndpoint; laneCount: number },
): void {
  const { endpointNo, row, parked } = endpoint;
  const sdkAppId = row.sdk_app_id as number;
  tx.send('INSERT INTO portrait.endpoint VALUES ($1, $2, $3, $4, $5)', [
    endpointNo,
    row.endpoint_id as string,
    sdkAppId,
    row.settings as string,
    row.circuit as string | null,
  ]);
  tx.send(
    "INSERT INTO portrait.cursor SELECT lane, $1, 0, ''::bytea, 0 FROM generate_series(0, $2::int - 1) AS t (lane)",
    [endpointNo, laneCount],
  );
  for (const event of source.all('SELECT * FROM endpoint_event WHERE endpoint_no = ?', endpointNo)) {
    const { no, at_ms: atMs, kind, reason, detail } = event as Record<string, string | number | null>;
    tx.send('INSERT INTO portrait.endpoint_event VALUES ($1, $2, $3, $4, $5, $6)', [
      endpointNo,
      no ?? 0,
      atMs ?? 0,
      kind ?? '',
      reason ?? null,
      detail ?? null,
    ]);
  }
  for (const user of parked as readonly Record<string, string | number | null>[]) {
    const userId = user.user_id as string;
    const state = [user.attempts ?? 0, user.uncounted ?? 0, user.next_try_at_ms ?? null, user.reason ?? ''];
    tx.send('INSERT INTO portrait.parked VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)', [
      laneOf(sdkAppId, userId, laneCount),
      endpointNo,
      userId,
      ...state,
    ]);
  }
}

async function copyProfiles(
  source: Source,
  database: Database,
  { laneCount, onProgress }: { laneCount: number; onProgress: MoveStoreOptions['onProgress'] },
): Promise<void> {
  const total = source.count('profile');
  const sql =
    'SELECT * FROM profile WHERE lane = 0 AND (sdk_app_id, user_id) > (?, ?) ORDER BY sdk_app_id, user_id LIMIT ?';
  let last: SourceRow | undefined;
  for (let done = 0; ; ) {
    const rows = source.all(
      sql,
      (last?.sdk_app_id as number | undefined) ?? 0,
      (last?.user_id as string | undefined) ?? '',
      PROFILES_PER_BATCH,
    );
    if (rows.length === 0) return;
    const column = (name: string) => rows.map((row) => row[name] as string | number);
    await database.query(
      `INSERT INTO portrait.profile (lane, sdk_app_id, user_id, version, fields, is_deleted, revoked_at_ms, last_seq, created_at_ms, updated_at_ms)
        SELECT lane, app, user_id, version, fields, is_deleted = 1, revoked, 0, created, updated
        FROM unnest($1::int[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::int[], $7::bigint[], $8::bigint[], $9::bigint[])
          AS t (lane, app, user_id, version, fields, is_deleted, revoked, created, updated)`,
      [
        rows.map((row) => laneOf(row.sdk_app_id as number, row.user_id as string, laneCount)),
        ...[
          'sdk_app_id',
          'user_id',
          'version',
          'fields',
          'is_deleted',
          'revoked_at_ms',
          'created_at_ms',
          'updated_at_ms',
        ].map(column),
      ],
    );
    last = rows.at(-1);
    done += rows.length;
    onProgress('profiles', done, total);
  }
}

/** What could only be known at the end, and the count of all. */
async function finish(source: Source, database: Database): Promise<MoveCounts> {
  return await database.transaction(async (tx) => {
    tx.send(`UPDATE portrait.parked AS p SET first_seq = (SELECT min(w.seq) FROM portrait.parked_event AS w
      WHERE w.lane = p.lane AND w.endpoint_no = p.endpoint_no AND w.user_id = p.user_id)`);
    const ahead = await tx.query(
      'SELECT a.endpoint_no, a.lane, a.seq, c.seq AS cursor_seq FROM portrait.moved_ahead AS a JOIN portrait.cursor AS c ON c.lane = a.lane AND c.endpoint_no = a.endpoint_no',
    );
    for (const rows of Map.groupBy(ahead, (row) => `${row.endpoint_no}:${row.lane}`).values()) {
      const [{ endpoint_no: endpointNo, lane, cursor_seq: cursor } = {}] = rows;
      const bitmap = Buffer.from(
        encodeSeqs(
          cursor as number,
          rows.map((row) => row.seq as number),
        ),
      );
      tx.send('UPDATE portrait.cursor SET done_ahead = $3 WHERE endpoint_no = $1 AND lane = $2', [
        endpointNo as number,
        lane as number,
        bitmap,
      ]);
    }
    tx.send('DROP TABLE portrait.moved_ahead');
    const [there] =
      await tx.query(`SELECT (SELECT count(*) FROM portrait.app) AS apps, (SELECT count(*) FROM portrait.endpoint) AS endpoints,
      (SELECT count(*) FROM portrait.profile) AS profiles, (SELECT count(*) FROM portrait.event) AS events,
      (SELECT count(*) FROM portrait.attempt) AS attempts, (SELECT count(*) FROM portrait.parked_event) AS waiting`);
    const [here] = source.all(`SELECT (SELECT count(*) FROM app) AS apps, (SELECT count(*) FROM endpoint) AS endpoints,
      (SELECT count(*) FROM profile) AS profiles, (SELECT count(*) FROM event) AS events,
      (SELECT count(*) FROM attempt JOIN endpoint USING (endpoint_no) JOIN event USING (sdk_app_id, seq)) AS attempts,
      (SELECT count(*) FROM parked_event) AS waiting`);
    for (const [name, count] of Object.entries(here ?? {})) {
      if (there?.[name] !== count)
        throw new StoreError(
          'refused',
          `${there?.[name]} ${name} arrived, ${count} were there: the database is not whole, empty it and begin anew.`,
        );
    }
    tx.send("UPDATE portrait.meta SET value = 0 WHERE name = 'moving'");
    tx.send("DELETE FROM portrait.meta WHERE name LIKE 'moved:%'");
    return there as unknown as MoveCounts;
  });
}
