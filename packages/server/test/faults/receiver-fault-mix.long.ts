/** All ways in which a receiver can fail, mixed by chance: nothing lost, invented or out of order, and the app's other endpoint gets all at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, randomFrom, testSeed } from '../support/live/random.ts';
import {
  applyFault,
  changeAll,
  FAULTS,
  prepareFaulty,
  type ReceiverFault,
  USERS,
  untilAllAccepted,
} from '../support/live/receiver-faults.ts';
import { until } from '../support/until.ts';

const PHASES = 8;
const MAX_FAILURES_PER_PHASE = 8;

/** Some phases are good, so that something gets through between. */
function phasesOf(random: Random, faults: readonly ReceiverFault[]): readonly (ReceiverFault | undefined)[] {
  return Array.from({ length: PHASES }, () =>
    random.next() < 0.3 ? undefined : faults[random.between(0, faults.length - 1)],
  );
}

for (const isTls of [false, true]) {
  test(`a random mix of all faults ${isTls ? 'over TLS' : 'without TLS'}`, async (t) => {
    const seed = testSeed();
    t.diagnostic(`PORTRAIT_TEST_SEED=${seed}`);
    const random = randomFrom(seed);
    // what is gone waits for a person
    const faults = FAULTS.filter(
      (fault) => fault.name !== 'is gone' && (fault.isTls === isTls || (!fault.isTls && !fault.line)),
    );
    const { receiver, line, app, endpoint, checkers } = await prepareFaulty(t, { isTls });
    const [broken, healthy] = checkers;
    const count = async (): Promise<number> => {
      const { items } = (await app.admin('GET', `/deliveries?limit=200&endpointId=${endpoint.endpointId}`)).json;
      return (items as readonly { readonly attempts: readonly unknown[] }[]).reduce(
        (sum, one) => sum + one.attempts.length,
        0,
      );
    };
    for (const [phase, fault] of phasesOf(random, faults).entries()) {
      await applyFault(fault, { line, receiver });
      await changeAll(app, checkers, `phase ${phase}`);
      if (!fault) {
        await app.turnEndpoint(endpoint, 'resume');
        await untilAllAccepted([broken], 60_000, `in phase ${phase} (seed ${seed})`);
        continue;
      }
      const enough = (await count()) + random.between(1, MAX_FAILURES_PER_PHASE);
      await until(async () => (await count()) >= enough, {
        what: () => `${enough} attempts in phase ${phase}, ${fault.name} (seed ${seed})`,
        withinMs: 60_000,
      });
    }
    await applyFault(undefined, { line, receiver });
    await app.turnEndpoint(endpoint, 'resume');
    await untilAllAccepted(checkers, 100_000, `(seed ${seed})`);
    await app.untilSettled();
    for (const checker of checkers) assert.equal(checker.check().acknowledged, USERS.length * PHASES);
    assert.equal(healthy.check().repeats, 0);
  });
}
