/** What the library costs a bundle, and that it needs nothing of Node. */
import assert from 'node:assert/strict';
import { builtinModules } from 'node:module';
import { test } from 'node:test';
import manifest from '../package.json' with { type: 'json' };
import { bundle } from './bundle.ts';

const CORE = [
  'BodyConsumedError',
  'createHandler',
  'createVerifier',
  'LateError',
  'memoryStore',
  'RefusedError',
  'verify',
  'verifyOrThrow',
];

test('the core is at most 6 kB gzipped, with the parts of wire that it uses; profilePatch adds half a kB', async (t) => {
  const size = async (...names: readonly string[]): Promise<number> => {
    const { gzippedBytes, imports } = await bundle('', `export { ${names} } from './index.ts'`);
    assert.deepEqual(imports, []);
    t.diagnostic(`${names.join(', ')}: ${gzippedBytes} bytes`);
    return gzippedBytes;
  };
  assert.deepEqual([...CORE, 'profilePatch'].sort(), Object.keys(await import('../src/index.ts')).sort());
  const core = await size(...CORE);
  assert.ok(core <= 6000, String(core));
  assert.ok((await size(...CORE, 'profilePatch')) - core <= 550);
  assert.ok((await size('verify')) < 4500);
});

test('no entry imports a module of Node, or anything else', async () => {
  const entries = Object.values(manifest.exports).flatMap((entry) => (typeof entry === 'object' ? [entry.source] : []));
  assert.equal(entries.length, 9);
  for (const entry of entries) {
    const { code, imports } = await bundle(entry.replace('./src/', ''));
    assert.deepEqual(imports, [], entry);
    for (const name of ['process', 'Buffer', 'require']) {
      assert.doesNotMatch(code, new RegExp(`\\b${name}[.(]`), `${entry} uses ${name}`);
    }
  }
  assert.ok(builtinModules.length > 0);
});
