import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { DatabaseClock } from './database-clock.ts';

test('goes on from what the database said, however this machine is set', () => {
  const clock = new FakeClock(5_000_000);
  const database = new DatabaseClock(clock);
  assert.equal(database.now(), undefined);
  database.learn(1_000);
  clock.advance(250.7);
  assert.equal(database.now(), 1_250);
  database.learn(1_100);
  assert.equal(database.now(), 1_100, 'the last word counts');
});

test('has to be asked again after ten seconds, or when this machine stood still or was set', () => {
  const clock = new FakeClock(5_000_000);
  const database = new DatabaseClock(clock);
  database.learn(1_000);
  clock.advance(10_000);
  assert.equal(database.now(), 11_000);
  clock.advance(1);
  assert.equal(database.now(), undefined);
  database.learn(1_000);
  clock.jumpTo(clock.now() + 501);
  assert.equal(database.now(), undefined);
});
