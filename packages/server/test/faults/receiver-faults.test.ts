/**
 * Each way in which a receiver can fail is named in the delivery log, costs the app's other endpoint nothing, and ends with all changes
 * there, in order, once it is mended.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  applyFault,
  changeAll,
  FAULTS,
  prepareFaulty,
  USERS,
  untilAllAccepted,
} from '../support/live/receiver-faults.ts';
import { until } from '../support/until.ts';

const CHANGES = 2;

describe('a receiver', { concurrency: 2 }, () => {
  for (const fault of FAULTS) {
    test(fault.name, async (t) => {
      const { receiver, line, app, endpoint, checkers } = await prepareFaulty(t, fault);
      await applyFault(fault, { line, receiver });
      for (let change = 1; change <= CHANGES; change += 1) await changeAll(app, checkers, `#${change}`);
      const [, healthy] = checkers;
      await untilAllAccepted([healthy], 20_000, 'at the endpoint that works');
      const query = `endpointId=${endpoint.endpointId}`;
      const failure = await until(
        async () => {
          const deliveries = await app.deliveries(query);
          assert.ok(
            deliveries.every(({ state }) => state !== 'delivered' && state !== 'dead'),
            'nothing gets through',
          );
          const attempts = deliveries.flatMap((delivery) => delivery.attempts);
          return attempts.find(({ reason }) => reason === fault.reason);
        },
        { what: () => `an attempt that fails for ${fault.reason}`, withinMs: 20_000 },
      );
      if (fault.stage !== undefined) assert.equal((failure as { stage?: string }).stage, fault.stage);
      if (fault.detail) assert.match(failure.detail ?? '', fault.detail);
      await applyFault(undefined, { line, receiver });
      await app.turnEndpoint(endpoint, 'resume');
      await untilAllAccepted(checkers, 60_000, 'when it is mended');
      await app.untilSettled();
      for (const checker of checkers) assert.equal(checker.check().acknowledged, USERS.length * CHANGES);
    });
  }
});
