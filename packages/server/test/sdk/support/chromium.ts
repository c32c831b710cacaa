/** Where the browser of the npm package is, unpacked. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import chromium from '@sparticuz/chromium';

/**
 * The package unpacks in place into the temporary folder and takes what it finds there for complete, so that test files
 * running at the same time may start half a browser. Here it is unpacked beside, and then given its name.
 */
export async function chromiumPath(): Promise<string> {
  const folder = join(tmpdir(), `portrait-test-chromium-${installedVersion()}`);
  if (!existsSync(folder)) await unpackTo(folder);
  return join(folder, 'chromium');
}

async function unpackTo(folder: string): Promise<void> {
  const beside = await mkdtemp(`${folder}-`);
  const { TMPDIR } = process.env;
  process.env.TMPDIR = beside;
  try {
    await chromium.executablePath();
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
  // another file was faster
  await rename(beside, folder).catch(() => rm(beside, { recursive: true, force: true }));
}

function installedVersion(): string {
  const require = createRequire(import.meta.url);
  const file = join(dirname(require.resolve('@sparticuz/chromium')), '..', '..', 'package.json');
  return JSON.parse(readFileSync(file, 'utf8')).version;
}
