import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPT_PLATFORMS, parseOptPlatform } from './platforms.ts';

test('platforms are read in any letter case', () => {
  for (const platform of OPT_PLATFORMS) {
    for (const text of [platform, platform.toUpperCase(), platform.toLowerCase()]) {
      assert.equal(parseOptPlatform(text), platform);
    }
  }
  const cases = [
    ['iOs', 'iOS'],
    ['macOS', 'Mac'],
    ['', 'Unknown'],
    ['Linux', 'Unknown'],
    ['__proto__', 'Unknown'],
  ];
  for (const [text, platform] of cases) assert.equal(parseOptPlatform(text ?? ''), platform);
});
