import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { METRICS } from './table.ts';

const OPERATIONS = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');

describe('names', () => {
  for (const { name, type, help, labels } of METRICS) {
    test(name, () => {
      assert.match(name, /^portrait(_[a-z]+)+$/);
      assert.equal(name.endsWith('_total'), type === 'counter');
      assert.match(help, /^[A-Z0-9].*\.$/);
      for (const label of labels) assert.match(label, /^[a-z]+(_[a-z]+)*$/);
    });
  }
});

describe('docs/operations.md', () => {
  test('has all metrics, and no others', () => {
    const rows = [...OPERATIONS.matchAll(/^\| `(portrait_\w+)` \| (\w+) \| (.*?) \|/gm)];
    const documented = rows.map(([, name, type, labels]) => [name, type, labels?.replaceAll('`', '')]);
    const known = METRICS.map(({ name, type, labels }) => [name, type, labels.join(', ')]);
    assert.deepEqual(documented.sort(), known.sort());
  });

  test('has alert rules on metrics that are there', () => {
    const [rules = ''] = /```yaml\ngroups:[\s\S]*?```/.exec(OPERATIONS) ?? [];
    const used = new Set(rules.match(/portrait_\w+/g));
    assert.ok(used.size >= 4, rules);
    const names: readonly string[] = METRICS.map(({ name }) => name);
    for (const name of used) assert.ok(names.includes(name), name);
  });
});
