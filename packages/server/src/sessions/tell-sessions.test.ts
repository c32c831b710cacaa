import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KickType, ProfileItem } from '@portrait/wire';
import { APP, NICK, ORIGIN, OTHER_APP } from '../../test/support/samples.ts';
import { SessionRegistry } from './session-registry.ts';
import { tellSessions } from './tell-sessions.ts';

const ITEMS = [{ tag: NICK, value: 'Ann' }];

/** What each session was told, by its instId: items, or the kick. */
function world(
  ...sessions: readonly { readonly instId: number; readonly userId: string; readonly sdkAppId?: number }[]
) {
  const registry = new SessionRegistry();
  const told: Record<number, (readonly ProfileItem[] | KickType)[]> = {};
  for (const { instId, userId, sdkAppId = APP } of sessions) {
    const heard: (readonly ProfileItem[] | KickType)[] = [];
    told[instId] = heard;
    const link = {
      pushItems: (items: readonly ProfileItem[]) => void heard.push(items),
      kick: (type: KickType) => void heard.push(type),
    };
    const at = { clientIp: '', loginAtMs: instId, connectedAtMs: instId };
    registry.open({ sdkAppId, userId, instId, platform: 'Web', platformNumber: 7, ...at, link }, { maxPerPlatform: 0 });
  }
  return { registry, told };
}

const ANN_TWICE = [
  { instId: 1, userId: 'ann' },
  { instId: 2, userId: 'ann' },
  { instId: 3, userId: 'bea' },
  { instId: 4, userId: 'ann', sdkAppId: OTHER_APP },
] as const;

describe('tellSessions', () => {
  for (const kind of ['set', 'import'] as const) {
    const change = { kind, sdkAppId: APP, userId: 'ann', announce: false } as const;

    test(`${kind}: all sessions of the user are told, if none of them made it`, () => {
      const { registry, told } = world(...ANN_TWICE);
      tellSessions(registry, { ...change, items: ITEMS, origin: ORIGIN });
      assert.deepEqual(told, { 1: [ITEMS], 2: [ITEMS], 3: [], 4: [] });
    });

    test(`${kind}: who made it is not told`, () => {
      const { registry, told } = world(...ANN_TWICE);
      tellSessions(registry, { ...change, items: ITEMS, origin: { ...ORIGIN, instId: 2 } });
      assert.deepEqual(told, { 1: [ITEMS], 2: [], 3: [], 4: [] });
    });

    test(`${kind}: nothing that was set is nothing to tell`, () => {
      const { registry, told } = world(...ANN_TWICE);
      tellSessions(registry, { ...change, items: [], origin: ORIGIN });
      assert.deepEqual(told, { 1: [], 2: [], 3: [], 4: [] });
    });
  }

  for (const kind of ['delete', 'revoke'] as const) {
    test(`${kind}: all sessions of the user end`, () => {
      const { registry, told } = world(...ANN_TWICE);
      tellSessions(registry, { kind, sdkAppId: APP, userId: 'ann' });
      assert.deepEqual(told, { 1: [3], 2: [3], 3: [], 4: [] });
      assert.equal(registry.count, 2);
    });
  }
});
