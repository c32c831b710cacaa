/** A real server in its own folder, and commands that speak to it. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Ended, makeFolder, type Running, runPortrait, startPortrait } from './portrait.ts';

/** `portrait serve` on a free port. */
export interface TestServer {
  /** working directory of the server and of the commands */
  readonly folder: string;
  readonly url: string;
  readonly running: Running;
  /** Run a command that finds the server. */
  run(...args: readonly string[]): Promise<Ended>;
  /** Run one that must succeed. @returns stdout */
  runWell(...args: readonly string[]): Promise<string>;
  /** Run one with `--json` that must succeed. @returns the parsed answer */
  runJson(...args: readonly string[]): Promise<unknown>;
}

/** Start a server with the app "demo", 1400000001, and wait until it listens. */
export async function startServer(context: TestContext, ...flags: readonly string[]): Promise<TestServer> {
  const folder = makeFolder(context);
  const running = startPortrait(context, ['serve', '--port', '0', ...flags], { cwd: folder });
  const [, url = ''] = await running.printed(/Console +(http:\S+)\/console\n/);
  const run = (...args: readonly string[]) => runPortrait(args, { cwd: folder, env: { PORTRAIT_SERVER: url } });
  const runWell = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await run(...args);
    assert.equal(code, 0, `portrait ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  };
  return {
    folder,
    url,
    running,
    run,
    runWell,
    runJson: async (...args) => JSON.parse(await runWell(...args, '--json')),
  };
}
