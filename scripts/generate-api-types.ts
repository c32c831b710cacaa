/** Writes packages/console/src/api/schema.d.ts from the OpenAPI document that a server answers with. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readServeConfig } from '../packages/server/src/config.ts';
import { createLog } from '../packages/server/src/log.ts';
import { startServer } from '../packages/server/src/serve.ts';

const FOLDER = fileURLToPath(new URL('../packages/console/', import.meta.url));
/** It needs a TypeScript of its own, which npm puts beside it. */
const GENERATOR = join(
  dirname(createRequire(join(FOLDER, 'package.json')).resolve('openapi-typescript')),
  '../bin/cli.js',
);
const TARGET = join(FOLDER, 'src/api/schema.d.ts');

/** @param target  file to write */
export async function generateApiTypes(target: string = TARGET): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'portrait-types-'));
  try {
    const config = readServeConfig({ flags: { port: '0', data, logLevel: 'silent' }, env: {}, cwd: data });
    const server = await startServer({ config, log: createLog('silent') });
    const document = await (await fetch(`${server.url}/admin/v1/openapi.json`)).text();
    await server.close();
    const file = join(data, 'openapi.json');
    writeFileSync(file, document);
    execFileSync(process.execPath, [GENERATOR, file, '-o', target], {
      stdio: 'ignore',
    });
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await generateApiTypes();
