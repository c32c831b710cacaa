/** A stop in the middle of a large removal leaves rows whose app or endpoint is gone. */
import type { DatabaseSync } from 'node:sqlite';

/** Remove them, at a start. Without any it costs some steps in the keys, however large the store is. */
export function removeOrphans(db: DatabaseSync): void {
  const apps = db.prepare(
    'SELECT sdk_app_id FROM head WHERE lane = 0 AND sdk_app_id NOT IN (SELECT sdk_app_id FROM app)',
  );
  for (const { sdk_app_id: sdkAppId } of apps.all()) {
    for (const table of ['event', 'erasure', 'profile', 'head']) {
      db.prepare(`DELETE FROM ${table} WHERE lane = 0 AND sdk_app_id = ?`).run(sdkAppId ?? null);
    }
  }
  for (const endpointNo of endpointsWithAttempts(db)) {
    db.prepare(`DELETE FROM attempt WHERE endpoint_no = ?1
      AND NOT EXISTS (SELECT 1 FROM endpoint WHERE endpoint_no = ?1)`).run(endpointNo);
  }
}

/** From one endpoint's first row to the next one's. */
function* endpointsWithAttempts(db: DatabaseSync): Generator<number> {
  const next = db.prepare('SELECT min(endpoint_no) AS endpoint_no FROM attempt WHERE endpoint_no > ?');
  for (let endpointNo = 0; ; ) {
    const row = next.get(endpointNo) as { readonly endpoint_no: number | null };
    if (row.endpoint_no === null) return;
    endpointNo = row.endpoint_no;
    yield endpointNo;
  }
}
