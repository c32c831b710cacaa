/** Takes away what apps and endpoints that are gone have left, some rows at a time. A stop in the middle is made up for at the next start. */
import type { Database } from './database.ts';

const ROWS_PER_STEP = 1_000;

/** Attempts of endpoints that are gone. */
export async function finishEndpointRemovals(database: Database, lanes: readonly number[]): Promise<void> {
  for (const { endpoint_no: endpointNo } of await database.query('SELECT endpoint_no FROM portrait.removal')) {
    for (const lane of lanes) {
      await inSteps(() =>
        database.query(
          `DELETE FROM portrait.attempt WHERE lane = $1 AND endpoint_no = $2 AND (seq, number) IN (
            SELECT seq, number FROM portrait.attempt WHERE lane = $1 AND endpoint_no = $2 LIMIT ${ROWS_PER_STEP}) RETURNING seq`,
          [lane, endpointNo as number],
        ),
      );
    }
    await database.query('DELETE FROM portrait.removal WHERE endpoint_no = $1', [endpointNo as number]);
  }
}

/** Events and profiles of apps that are gone; their heads, by which they are found, at last. */
export async function finishAppRemovals(database: Database): Promise<void> {
  const apps = 'SELECT DISTINCT sdk_app_id FROM portrait.head WHERE is_removed';
  for (const { sdk_app_id: sdkAppId } of await database.query(apps)) {
    const heads = await database.query('SELECT lane FROM portrait.head WHERE sdk_app_id = $1 AND is_removed', [
      sdkAppId as number,
    ]);
    for (const { lane } of heads) {
      for (const [table, key] of [
        ['event', 'seq'],
        ['profile', 'user_id'],
        ['erasure', 'seq'],
      ] as const) {
        await inSteps(() =>
          database.query(
            `DELETE FROM portrait.${table} WHERE lane = $1 AND sdk_app_id = $2 AND ${key} IN (
              SELECT ${key} FROM portrait.${table} WHERE lane = $1 AND sdk_app_id = $2 LIMIT ${ROWS_PER_STEP}) RETURNING lane`,
            [lane as number, sdkAppId as number],
          ),
        );
      }
    }
    await database.query('DELETE FROM portrait.stat WHERE sdk_app_id = $1', [sdkAppId as number]);
    await database.query('DELETE FROM portrait.head WHERE sdk_app_id = $1 AND is_removed', [sdkAppId as number]);
  }
}

async function inSteps(step: () => Promise<readonly unknown[]>): Promise<void> {
  while ((await step()).length === ROWS_PER_STEP);
}
