import assert from 'node:assert/strict';
import type { StatRow } from '../../../src/storage/store.ts';
import { APP, sampleApp } from '../../support/samples.ts';
import type { AddCase } from './given.ts';

function row(atMs: number, counts: string, more: Partial<StatRow> = {}): StatRow {
  return { sdkAppId: APP, atMs, writer: 'one', counts, ...more };
}

/** Rows of statistics. */
export function statCases(add: AddCase): void {
  add('a row replaces the one of the same minute and writer, and no other', async (given) => {
    await given.store.createApp(sampleApp());
    await given.store.writeStats({ rows: [row(60_000, 'a'), row(120_000, 'b')], keepFromMs: 0 });
    const other = row(120_000, 'd', { writer: 'two' });
    await given.store.writeStats({ rows: [row(120_000, 'c'), other], keepFromMs: 0 });
    const expected = [row(60_000, 'a'), row(120_000, 'c'), other];
    assert.deepEqual(await given.store.readStats({ sdkAppId: APP, fromMs: 0, toMs: 1e12 }), expected);
    await given.reopen();
    assert.deepEqual(await given.store.readStats({ sdkAppId: APP, fromMs: 60_001, toMs: 1e12 }), expected.slice(1));
    assert.deepEqual(await given.store.readStats({ sdkAppId: APP, fromMs: 0, toMs: 120_000 }), expected.slice(0, 1));
    assert.deepEqual(await given.store.readStats({ sdkAppId: APP + 1, fromMs: 0, toMs: 1e12 }), []);
  });

  add('old rows go when newer ones of their app are written', async (given) => {
    await given.store.createApp(sampleApp());
    await given.store.writeStats({ rows: [row(60_000, 'a')], keepFromMs: 0 });
    await given.store.writeStats({ rows: [row(600_000, 'b')], keepFromMs: 60_001 });
    assert.deepEqual(await given.store.readStats({ sdkAppId: APP, fromMs: 0, toMs: 1e12 }), [row(600_000, 'b')]);
  });

  add('an app takes its statistics with it', async (given) => {
    await given.store.createApp(sampleApp());
    await given.store.writeStats({ rows: [row(60_000, 'a')], keepFromMs: 0 });
    await given.store.deleteApp(APP);
    await given.store.createApp(sampleApp());
    assert.deepEqual(await given.store.readStats({ sdkAppId: APP, fromMs: 0, toMs: 1e12 }), []);
  });
}
