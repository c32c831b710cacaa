import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { instancePlatformOf, type KickType, type NewInstance } from '@portrait/wire';
import fc from 'fast-check';
import type { Session, SessionTransition } from './session.ts';
import { SessionRegistry } from './session-registry.ts';

const APP = 1_400_000_001;
const OTHER_APP = 1_400_000_002;
const ANY = { maxPerPlatform: 0 };

/** What a session was told. */
interface Kicked {
  readonly instId: number;
  readonly kickType: KickType;
  readonly by: number | undefined;
}

/** A registry whose every word is written down. */
class World {
  readonly kicked: Kicked[] = [];
  readonly transitions: SessionTransition[] = [];
  readonly registry = new SessionRegistry((transition) => this.transitions.push(transition));

  session(members: Partial<Session> & { readonly instId: number }): Session {
    const { instId } = members;
    return {
      sdkAppId: APP,
      userId: 'alice',
      platform: 'Web',
      platformNumber: 7,
      clientIp: '203.0.113.9',
      loginAtMs: instId,
      connectedAtMs: instId,
      link: {
        pushItems: () => undefined,
        kick: (kickType: KickType, by?: NewInstance) => {
          this.kicked.push({ instId, kickType, by: by?.instId });
        },
      },
      ...members,
    };
  }

  /** instIds of a user, in their order. */
  idsOf(userId = 'alice', sdkAppId = APP): readonly number[] {
    return this.registry.of(sdkAppId, userId).map(({ instId }) => instId);
  }

  /** Transitions as short texts: `login 2, ended 1`. */
  get log(): readonly string[] {
    return this.transitions.map((one) => {
      const what = `${one.kind} ${one.session.instId}`;
      if (one.kind === 'login') return [what, ...one.ended.map(({ instId }) => `ended ${instId}`)].join(', ');
      return one.kind === 'disconnect' ? `${what} ${one.cause}` : what;
    });
  }
}

describe('SessionRegistry', () => {
  test('sessions are of one user of one app, the oldest login first', () => {
    const world = new World();
    const { registry } = world;
    for (const instId of [2, 3, 1]) assert.equal(registry.open(world.session({ instId }), ANY), undefined);
    registry.open(world.session({ instId: 4, userId: 'bob' }), ANY);
    registry.open(world.session({ instId: 5, sdkAppId: OTHER_APP }), ANY);
    assert.deepEqual(world.idsOf(), [1, 2, 3]);
    assert.deepEqual([world.idsOf('bob'), world.idsOf('alice', OTHER_APP), world.idsOf('nobody')], [[4], [5], []]);
    assert.equal(registry.count, 5);
    assert.deepEqual(world.kicked, []);
    assert.deepEqual(world.log, ['login 2', 'login 3', 'login 1', 'login 4', 'login 5']);
  });

  test('names that look alike are not mixed up', () => {
    const world = new World();
    const { registry } = world;
    registry.open(world.session({ instId: 1, sdkAppId: 1, userId: '1/x' }), ANY);
    registry.open(world.session({ instId: 2, sdkAppId: 11, userId: '/x' }), ANY);
    registry.open(world.session({ instId: 3, userId: '__proto__' }), ANY);
    assert.deepEqual([registry.of(1, '1/x').length, registry.of(11, '/x').length], [1, 1]);
    assert.deepEqual([world.idsOf('__proto__'), world.idsOf('constructor')], [[3], []]);
  });

  test('a client that is back on another connection takes the place of itself, silently', () => {
    const world = new World();
    const { registry } = world;
    const before = world.session({ instId: 1, loginAtMs: 1 });
    const after = world.session({ instId: 1, loginAtMs: 1, connectedAtMs: 99 });
    registry.open(before, { maxPerPlatform: 1 });
    assert.equal(registry.open(after, { maxPerPlatform: 1 }), undefined);
    assert.deepEqual(registry.of(APP, 'alice'), [after]);
    assert.equal(registry.count, 1);
    assert.deepEqual([world.kicked, world.log], [[], ['login 1', 'login 1']]);

    registry.close(before, 'closed');
    assert.deepEqual(registry.of(APP, 'alice'), [after], 'the old connection ends later, and that is nobody’s end');
    assert.deepEqual([registry.count, world.log.length], [1, 2]);
  });

  test('beyond the limit the oldest login of the platform is kicked', () => {
    const world = new World();
    const { registry } = world;
    const limit = { maxPerPlatform: 2 };
    for (const instId of [1, 2]) registry.open(world.session({ instId }), limit);
    registry.open(world.session({ instId: 3, platform: 'iOS', platformNumber: 3 }), limit);
    assert.deepEqual(world.kicked, [], 'another platform is not counted');
    registry.open(world.session({ instId: 4 }), limit);
    assert.deepEqual(world.kicked, [{ instId: 1, kickType: 1, by: 4 }]);
    assert.deepEqual(world.idsOf(), [2, 3, 4]);
    assert.equal(registry.count, 3);
    assert.equal(world.log.at(-1), 'login 4, ended 1');
  });

  test('another kind of the same platform is told as another device', () => {
    const world = new World();
    const limit = { maxPerPlatform: 1 };
    world.registry.open(world.session({ instId: 1, platformNumber: 7 }), limit);
    world.registry.open(world.session({ instId: 2, platformNumber: 8 }), limit);
    // uni-app on Android: a page all the same
    world.registry.open(world.session({ instId: 3, platformNumber: 15, platform: 'Android' }), limit);
    world.registry.open(world.session({ instId: 4, platformNumber: 2, platform: 'Android' }), limit);
    assert.deepEqual(world.kicked, [
      { instId: 1, kickType: 2, by: 2 },
      { instId: 2, kickType: 2, by: 3 },
    ]);
    assert.deepEqual(world.idsOf(), [3, 4]);
  });

  test('a limit that was lowered ends all that are too many at the next login', () => {
    const world = new World();
    for (const instId of [1, 2, 3, 4]) world.registry.open(world.session({ instId }), ANY);
    world.registry.open(world.session({ instId: 5 }), { maxPerPlatform: 2 });
    assert.deepEqual(
      world.kicked.map(({ instId }) => instId),
      [1, 2, 3],
    );
    assert.deepEqual(world.idsOf(), [4, 5]);
    assert.equal(world.log.at(-1), 'login 5, ended 1, ended 2, ended 3');
  });

  test('a client that is back late is itself the oldest, and is told who took its place', () => {
    const world = new World();
    const { registry } = world;
    const newest = world.session({ instId: 7 });
    registry.open(newest, { maxPerPlatform: 1 });
    assert.equal(registry.open(world.session({ instId: 5 }), { maxPerPlatform: 1 }), newest);
    assert.deepEqual([world.idsOf(), world.kicked, world.log, registry.count], [[7], [], ['login 7'], 1]);
  });

  test('who could not stay was there on an older connection: that one is gone too', () => {
    const world = new World();
    const { registry } = world;
    for (const instId of [1, 2]) registry.open(world.session({ instId }), ANY);
    registry.open(world.session({ instId: 1, connectedAtMs: 99 }), { maxPerPlatform: 1 });
    assert.deepEqual([world.idsOf(), registry.count], [[2], 1]);
  });

  for (const [how, line] of [
    ['logout', 'logout 1'],
    ['closed', 'disconnect 1 closed'],
    ['timeout', 'disconnect 1 timeout'],
  ] as const) {
    test(`a session that ends by ${how} is told once`, () => {
      const world = new World();
      const session = world.session({ instId: 1 });
      world.registry.open(session, ANY);
      world.registry.close(session, how);
      world.registry.close(session, how);
      assert.deepEqual([world.idsOf(), world.registry.count], [[], 0]);
      assert.deepEqual(world.log, ['login 1', line]);
    });
  }

  test('kickAll ends every session of the user, and of nobody else', () => {
    const world = new World();
    const { registry } = world;
    for (const instId of [1, 2]) registry.open(world.session({ instId }), ANY);
    registry.open(world.session({ instId: 3, userId: 'bob' }), ANY);
    registry.open(world.session({ instId: 4, sdkAppId: OTHER_APP }), ANY);
    registry.kickAll(APP, 'alice');
    registry.kickAll(APP, 'nobody');
    assert.deepEqual(world.kicked, [
      { instId: 1, kickType: 3, by: undefined },
      { instId: 2, kickType: 3, by: undefined },
    ]);
    assert.deepEqual([world.idsOf(), world.idsOf('bob'), world.idsOf('alice', OTHER_APP)], [[], [3], [4]]);
    assert.equal(registry.count, 2);
    assert.deepEqual(world.log.slice(-2), ['logout 1', 'logout 2']);
  });

  test('when a session is told of its end, the registry has forgotten it', () => {
    const world = new World();
    const { registry } = world;
    const seen: number[] = [];
    const link = { pushItems: () => undefined, kick: () => void seen.push(registry.of(APP, 'alice').length) };
    registry.open(world.session({ instId: 1, link }), ANY);
    registry.open(world.session({ instId: 2, link }), { maxPerPlatform: 1 });
    registry.kickAll(APP, 'alice');
    assert.deepEqual(seen, [1, 0]);
  });
});

/** One move of a test that compares with a model. */
type Move =
  | {
      readonly kind: 'open';
      readonly instId: number;
      readonly user: number;
      readonly number: number;
      readonly max: number;
    }
  | { readonly kind: 'close'; readonly which: number }
  | { readonly kind: 'kickAll'; readonly user: number };

const anyMove: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('open' as const),
      instId: fc.integer({ min: 1, max: 12 }),
      user: fc.nat(1),
      number: fc.constantFrom(7, 8, 15, 2, 3),
      max: fc.nat(3),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('close' as const), which: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kickAll' as const), user: fc.nat(1) }) },
);

test('whatever comes and goes, the registry is what a plain list would be', () => {
  const property = fc.property(fc.array(anyMove, { maxLength: 60 }), (moves) => {
    const world = new World();
    const { registry } = world;
    let model: readonly Session[] = [];
    const everybody: Session[] = [];
    for (const move of moves) {
      if (move.kind === 'open') {
        const { instId, user, number, max } = move;
        const session = world.session({ instId, userId: `user ${user}`, platformNumber: number });
        everybody.push(session);
        const isOthers = (one: Session): boolean => one.userId !== session.userId;
        const others = model.filter((one) => !isOthers(one) && one.instId !== instId);
        const alike = [...others, session]
          .filter((one) => instancePlatformOf(one.platformNumber) === instancePlatformOf(number))
          .sort((a, b) => a.loginAtMs - b.loginAtMs);
        const ended = max === 0 ? [] : alike.slice(0, Math.max(0, alike.length - max));
        const by = registry.open(session, { maxPerPlatform: max });
        assert.equal(by !== undefined, ended.includes(session));
        if (by) assert.ok(by.loginAtMs > session.loginAtMs);
        model = [...model.filter(isOthers), ...others, session].filter((one) => !ended.includes(one));
      } else if (move.kind === 'close') {
        const session = everybody[move.which % (everybody.length + 1)];
        if (session) registry.close(session, 'closed');
        model = model.filter((one) => one !== session);
      } else {
        registry.kickAll(APP, `user ${move.user}`);
        model = model.filter(({ userId }) => userId !== `user ${move.user}`);
      }
      assert.equal(registry.count, model.length);
      for (const userId of ['user 0', 'user 1']) {
        const expected = model.filter((one) => one.userId === userId).sort((a, b) => a.loginAtMs - b.loginAtMs);
        assert.deepEqual(registry.of(APP, userId), expected);
      }
    }
  });
  fc.assert(property, { numRuns: 300 });
});
