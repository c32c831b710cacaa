/** A database of an older Portrait is brought to the schema of this one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { openPostgresStore } from '../../src/storage/postgres/open.ts';
import { atEnd } from '../support/live/cleanup.ts';
import { testDatabase } from '../support/postgres.ts';
import { APP, NICK, ORIGIN, sampleApp } from '../support/samples.ts';

const LANES = 16;
const USER = 'ann';

test('a store of the second schema gets what came after it: tables, rows to lock, columns', async (t) => {
  const url = await testDatabase(t);
  const open = () => openPostgresStore({ url, poolSize: 4, laneCount: LANES, clock: systemClock, node: 'a' });
  const before = await open();
  await before.createApp(sampleApp());
  await before.commitChange({
    kind: 'import',
    sdkAppId: APP,
    userId: USER,
    items: [{ tag: NICK, value: 'Ann' }],
    origin: ORIGIN,
    announce: true,
  });
  for (const sql of [
    'ALTER TABLE portrait.profile DROP COLUMN revision',
    'ALTER TABLE portrait.endpoint DROP COLUMN circuits',
    'ALTER TABLE portrait.lane DROP COLUMN ended_at_ms',
    'DROP TABLE portrait.session, portrait.session_lane',
    "UPDATE portrait.meta SET value = 2 WHERE name = 'schema'",
  ])
    await before.parts.database.query(sql);
  await before.close();
  const after = await open();
  atEnd(t, () => after.close());
  const lanes = await after.parts.database.query('SELECT count(*)::int AS n FROM portrait.session_lane');
  assert.equal((await after.claimLanes({ owner: 'a', leaseMs: 4_500 })).length, LANES);
  assert.deepEqual([lanes[0]?.n, (await after.getProfiles(APP, [USER]))[0]?.fields], [LANES, { [NICK]: 'Ann' }]);
});
