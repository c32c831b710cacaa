/** What the guide and README show stands in examples that compile and run. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

test('each line of code in the guide and in README is a line of an example', () => {
  const examples = readdirSync(new URL('examples/', root), { recursive: true, encoding: 'utf8' });
  const files = examples.filter((path) => path.endsWith('.ts'));
  const lines = new Set(files.flatMap((path) => read(`examples/${path}`).split('\n')));
  for (const path of ['docs/receiver.md', 'packages/receiver/README.md']) {
    const blocks = [...read(path).matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
    assert.ok(blocks.length > 0, path);
    for (const line of blocks.join('').trim().split('\n')) assert.ok(lines.has(line), `${path}: ${line}`);
  }
});

test('the guide names every reason of a refusal, every export, and the number of vectors', async () => {
  const guide = read('docs/receiver.md');
  const { cases } = JSON.parse(read('packages/receiver/vectors/callbacks.json')) as { cases: unknown[] };
  assert.ok(guide.includes(`has ${cases.length} requests`));
  for (const name of Object.keys(await import('@portrait/receiver'))) {
    assert.ok(guide.includes(name) || name === 'RefusedError', name);
  }
});
