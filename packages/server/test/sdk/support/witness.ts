/** Clients that saw a test, and what they say when it fails. */
import { type TestContext, test } from 'node:test';
import type { Owner } from '../../support/live/cleanup.ts';

/** A client of any kind. */
export interface Witness {
  /** all that is worth reading after a failure */
  describe(): string;
  /** @throws AssertionError if the client did or met what no client should */
  assertClean(): Promise<void> | void;
}

const witnesses = new WeakMap<Owner, Witness[]>();

/** To be heard at the end of its owner. */
export function addWitness(owner: Owner, witness: Witness): void {
  const known = witnesses.get(owner);
  if (known) known.push(witness);
  else witnesses.set(owner, [witness]);
}

/**
 * A test with official clients. Those it owns must be clean at its end; if it fails, what they saw is printed.
 *
 * @param run  gives its context as owner of the clients it starts
 */
export function sdkTest(name: string, run: (t: TestContext) => Promise<void>): void {
  test(name, async (t) => {
    const seen = (): readonly Witness[] => witnesses.get(t) ?? [];
    try {
      await run(t);
      for (const witness of seen()) await witness.assertClean();
    } catch (error) {
      const stories = seen().map((witness) => witness.describe());
      process.stderr.write(`\n=== what the clients of "${name}" saw ===\n${stories.join('\n')}\n`);
      throw error;
    }
  });
}
