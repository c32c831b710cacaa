/** The console's types are those of the API that the server answers with. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { generateApiTypes } from '../../../../scripts/generate-api-types.ts';
import { tempFolder } from '../support/live/cleanup.ts';

const COMMITTED = fileURLToPath(new URL('../../../console/src/api/schema.d.ts', import.meta.url));

test('the types in the console are those of the description: else "npm run generate"', async (t) => {
  const made = join(await tempFolder(t), 'schema.d.ts');
  await generateApiTypes(made);
  assert.ok(readFileSync(made, 'utf8') === readFileSync(COMMITTED, 'utf8'), 'they differ');
});
