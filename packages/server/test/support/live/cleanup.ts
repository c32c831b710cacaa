/** What tests open is closed by whoever owns it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A test's context, or what `suiteOwner` gives. */
export interface Owner {
  after(run: () => Promise<void>): void;
}

/** Own what all tests of a suite share. To be called in the suite's body: inside `before` it would end with the hook. */
export function suiteOwner(): Owner {
  const runs: (() => Promise<void>)[] = [];
  after(async () => {
    for (const run of runs.reverse()) await run();
  });
  return { after: (run) => runs.push(run) };
}

/** Make an empty folder that is removed when its owner ends. @returns its path */
export async function tempFolder(owner: Owner): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'portrait-test-'));
  owner.after(() => rm(path, { recursive: true, force: true }));
  return path;
}
