/** Rows of a node's sessions when things happen at the same time, or go wrong. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KickType, NewInstance } from '@portrait/wire';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { until } from '../../test/support/until.ts';
import { StoreError } from '../errors.ts';
import type { EndedSession, SessionEntry, SessionKey } from '../storage/session-store.ts';
import type { SharedStore } from '../storage/shared-store.ts';
import { NodeSessions } from './node-sessions.ts';
import type { Session } from './session.ts';
import { SessionRegistry } from './session-registry.ts';

const APP = 1_400_000_001;
const CLIENT = { platform: 'Web', platformNumber: 7, clientIp: '203.0.113.9' } as const;
const NEWER = { instId: 99, platform: 'Web', platformNumber: 7 } as const;
const NOTHING_NEW = {
  settingsNo: 0,
  hasFreeLanes: false,
  answeringNodes: 2,
  hasWishes: false,
  hasEndedSessions: false,
  hasDeadNodes: false,
};

/** A store that does what the test says, and a node `me` on it. */
class World {
  readonly clock = new FakeClock();
  readonly entries: SessionEntry[] = [];
  readonly left: SessionKey[] = [];
  readonly kicks: string[] = [];
  readonly faults: string[] = [];
  /** rows of this node */
  rows: SessionKey[] = [];
  ended: EndedSession[] = [];
  holds = 0;
  isDown = false;
  moved = new Set<number>();
  readonly registry: SessionRegistry = new SessionRegistry((transition) => this.sessions.follow(transition));
  readonly sessions: NodeSessions;

  constructor() {
    const check = (): void => {
      if (this.isDown) throw new StoreError('unavailable');
    };
    const store = {
      laneCount: 1,
      enterSession: async (entry: SessionEntry) => {
        check();
        this.entries.push(entry);
        if (this.moved.has(entry.no)) return { kind: 'moved' };
        return { kind: 'entered', loginAtMs: entry.loginAtMs ?? entry.no, connectedAtMs: entry.no, ended: [] };
      },
      leaveSession: async (key: SessionKey) => {
        check();
        this.left.push(key);
      },
      readEndedSessions: async () => this.ended,
      readNodeSessions: async () => this.rows,
      forgetDeadNodes: async () => undefined,
      forgetSessionsOf: async () => undefined,
    };
    this.sessions = new NodeSessions({
      store: store as unknown as SharedStore,
      registry: this.registry,
      followed: {
        hold: async () => {
          check();
          this.holds += 1;
          return () => {
            this.holds -= 1;
          };
        },
      },
      clock: this.clock,
      log: { error: (_line: unknown, message: unknown) => void this.faults.push(String(message)) } as never,
      limitOf: () => 1,
      node: 'me',
    });
  }

  take(instId: number): ReturnType<NodeSessions['takePlace']> {
    return this.sessions.takePlace({ sdkAppId: APP, userId: 'ann', instId, ...CLIENT }, 1);
  }

  session(instId: number): Session {
    const kick = (type: KickType, by?: NewInstance): void =>
      void this.kicks.push(`${instId}: ${type} by ${by?.instId}`);
    const times = { loginAtMs: instId, connectedAtMs: instId };
    return { sdkAppId: APP, userId: 'ann', instId, ...CLIENT, ...times, link: { pushItems: () => undefined, kick } };
  }

  async login(instId: number): Promise<Session> {
    const session = this.session(instId);
    assert.equal((await this.take(instId)).enter(session), undefined);
    return session;
  }

  keyOf(instId: number, no: number): SessionKey {
    return { sdkAppId: APP, userId: 'ann', instId, node: 'me', no };
  }

  get ids(): readonly number[] {
    return this.registry.of(APP, 'ann').map(({ instId }) => instId);
  }

  /** The node looks, a second after the last time. */
  look(members: Partial<typeof NOTHING_NEW> = {}, afterMs = 1_000): void {
    this.clock.advance(afterMs);
    this.sessions.looked({ ...NOTHING_NEW, ...members }, this.clock.monotonic());
  }

  untilLeft(...numbers: readonly number[]): Promise<unknown> {
    return until(() => this.left.map(({ no }) => no).join() === numbers.join(), {
      what: () => `rows ${numbers} to be removed, got ${JSON.stringify(this.left)}`,
    });
  }
}

describe('NodeSessions', () => {
  test('a login that is ended elsewhere before it is answered is told so at the next look', async () => {
    const world = new World();
    const place = await world.take(1);
    world.ended = [{ ...world.keyOf(1, 1), by: NEWER }];
    world.sessions.endTold();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([world.left, world.holds], [[], 1]);
    place.enter(world.session(1));
    assert.deepEqual([world.ids, world.kicks, world.holds], [[1], [], 0]);
    world.look({ hasEndedSessions: true });
    await world.untilLeft(1);
    assert.deepEqual([world.ids, world.kicks], [[], ['1: 1 by 99']]);
  });

  test('a client that goes while its login waits leaves nothing', async () => {
    const world = new World();
    (await world.take(1)).giveBack();
    await world.untilLeft(1);
    assert.deepEqual([world.ids, world.holds], [[], 0]);
  });

  test('a login that can not be stored is none, and what may have been stored is taken back', async () => {
    const world = new World();
    world.isDown = true;
    await assert.rejects(world.take(1), { kind: 'unavailable' });
    world.isDown = false;
    world.rows = [world.keyOf(1, 1)];
    world.look();
    await world.untilLeft(1);
    assert.deepEqual([world.ids, world.holds], [[], 0]);
  });

  test('what could not be removed is found by the next look, and told in one line', async () => {
    const world = new World();
    const sessions = [await world.login(1), await world.login(2)];
    world.isDown = true;
    for (const session of sessions) world.registry.close(session, 'closed');
    await until(() => world.faults.length > 0, { what: () => 'the fault' });
    world.isDown = false;
    world.rows = [world.keyOf(1, 1), world.keyOf(2, 2)];
    world.look();
    await world.untilLeft(1, 2);
    assert.deepEqual(world.faults, ['session.place-fault']);
  });

  test('a row that is missing is written again; a session whose client is elsewhere by now goes without a word', async () => {
    const world = new World();
    await world.login(1);
    await world.login(2);
    await world.login(3);
    world.rows = [world.keyOf(3, 3)];
    world.moved.add(2);
    world.sessions.doubt();
    world.look();
    await until(() => world.ids.join() === '1,3', { what: () => `one to be dropped, got ${world.ids}` });
    assert.deepEqual(
      world.entries
        .slice(3)
        .map(({ no, loginAtMs, connectedAtMs, maxPerPlatform }) => [no, loginAtMs, connectedAtMs, maxPerPlatform]),
      [
        [1, 1, 1, 1],
        [2, 2, 2, 1],
      ],
    );
    assert.deepEqual([world.kicks, world.left], [[], []]);
  });

  test('a node that was not heard of for longer than others wait enters all of its sessions anew, once', async () => {
    const world = new World();
    await world.login(1);
    world.rows = [world.keyOf(1, 1)];
    world.look();
    world.look({}, 6_000);
    assert.equal(world.entries.length, 1);
    world.look({}, 6_001);
    await until(() => world.entries.length === 2, { what: () => 'the session to be entered' });
    await new Promise((resolve) => setImmediate(resolve));
    world.look();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(world.entries.length, 2);
  });

  test('some lanes are looked over every tenth time, though nothing seems to be wrong', async () => {
    const world = new World();
    world.rows = [world.keyOf(1, 0)];
    for (let looks = 0; looks < 9; looks += 1) world.look();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(world.left, []);
    world.look();
    await world.untilLeft(0);
  });
});
