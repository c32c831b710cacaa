/** What tests open is closed by whoever owns it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A test's context, or what `suiteOwner` gives. */
export interface Owner {
  after(run: () => Promise<void>): void;
}

const stacks = new WeakMap<Owner, (() => Promise<void>)[]>();

/** Do this when the owner ends: what was opened last is closed first, which hooks of node:test alone don't do. */
export function atEnd(owner: Owner, run: () => Promise<void>): void {
  const known = stacks.get(owner);
  if (known) {
    known.push(run);
    return;
  }
  const stack = [run];
  stacks.set(owner, stack);
  owner.after(() => unwind(stack));
}

/** All of them, whatever one of them throws. */
async function unwind(stack: (() => Promise<void>)[]): Promise<void> {
  const faults: unknown[] = [];
  for (let run = stack.pop(); run; run = stack.pop()) await run().catch((fault: unknown) => faults.push(fault));
  if (faults.length > 0) throw faults[0];
}

/** Own what all tests of a suite share. To be called in the suite's body: inside `before` it would end with the hook. */
export function suiteOwner(): Owner {
  let atSuiteEnd = async (): Promise<void> => undefined;
  after(() => atSuiteEnd());
  return {
    after(run) {
      atSuiteEnd = run;
    },
  };
}

/** Make an empty folder that is removed when its owner ends. @returns its path */
export async function tempFolder(owner: Owner): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'portrait-test-'));
  atEnd(owner, () => rm(path, { recursive: true, force: true }));
  return path;
}
