import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProfileItem } from '@portrait/wire';
import fc from 'fast-check';
import { LEVEL, NICK, ORIGIN } from '../../test/support/samples.ts';
import { ApiError } from '../errors.ts';
import type { Profile, ProfileChange, ProfileCommand } from '../storage/store.ts';
import { changeProfile } from './change-profile.ts';

const NOW_MS = 1_795_428_000_000;
const user = { sdkAppId: 1_400_000_001, userId: 'id1' };
const ann = [{ tag: NICK, value: 'Ann' }];

const account: Profile = {
  ...user,
  version: 3,
  fields: { [NICK]: 'old', [LEVEL]: 7 },
  isDeleted: false,
  revokedAtMs: 500,
  lastSeq: 44,
  createdAtMs: 100,
  updatedAtMs: 200,
};
const deleted: Profile = { ...account, fields: {}, isDeleted: true };
const fresh = {
  ...user,
  version: 0,
  fields: {},
  isDeleted: false,
  revokedAtMs: 0,
  createdAtMs: NOW_MS,
  updatedAtMs: NOW_MS,
};

const set = (items: readonly ProfileItem[]): ProfileCommand => ({ ...user, kind: 'set', items, origin: ORIGIN });
const importing = (items: readonly ProfileItem[], announce = false): ProfileCommand => {
  return { ...user, kind: 'import', items, origin: ORIGIN, announce };
};
const remove: ProfileCommand = { ...user, kind: 'delete' };
const revoke: ProfileCommand = { ...user, kind: 'revoke' };

/** What the store takes over: it keeps `lastSeq` itself. */
function profileOf({ profile }: ProfileChange): object {
  const { lastSeq, ...rest } = profile as Profile;
  return rest;
}

const { lastSeq: _, ...stored } = account;

const CASES: readonly {
  readonly name: string;
  readonly current: Profile | undefined;
  readonly command: ProfileCommand;
  readonly profile: object;
  /** tags and values before; undefined = no event */
  readonly before?: readonly ProfileItem[];
}[] = [
  {
    name: 'a set changes what it names and keeps the rest',
    current: account,
    command: set([...ann, { tag: 'Tag_Profile_IM_Location', value: '' }]),
    profile: {
      ...stored,
      version: 4,
      fields: { [NICK]: 'Ann', [LEVEL]: 7, Tag_Profile_IM_Location: '' },
      updatedAtMs: NOW_MS,
    },
    before: [{ tag: NICK, value: 'old' }],
  },
  {
    name: 'a set to the value that is there is a change like any other',
    current: account,
    command: set([{ tag: NICK, value: 'old' }]),
    profile: { ...stored, version: 4, updatedAtMs: NOW_MS },
    before: [{ tag: NICK, value: 'old' }],
  },
  { name: 'an import makes an account', current: undefined, command: importing([]), profile: fresh },
  {
    name: 'an import with items sets them without an event',
    current: undefined,
    command: importing(ann),
    profile: { ...fresh, fields: { [NICK]: 'Ann' } },
  },
  {
    name: 'an announced import with items makes the first event',
    current: undefined,
    command: importing(ann, true),
    profile: { ...fresh, version: 1, fields: { [NICK]: 'Ann' } },
    before: [],
  },
  {
    name: 'an announced import without items makes none',
    current: undefined,
    command: importing([], true),
    profile: fresh,
  },
  {
    name: 'an import of an account that is there changes nothing',
    current: account,
    command: importing([]),
    profile: stored,
  },
  {
    name: 'an import of an account that is there sets items',
    current: account,
    command: importing(ann),
    profile: { ...stored, fields: { [NICK]: 'Ann', [LEVEL]: 7 }, updatedAtMs: NOW_MS },
  },
  {
    name: 'an announced import of an account that is there is a set',
    current: account,
    command: importing(ann, true),
    profile: { ...stored, version: 4, fields: { [NICK]: 'Ann', [LEVEL]: 7 }, updatedAtMs: NOW_MS },
    before: [{ tag: NICK, value: 'old' }],
  },
  {
    name: 'an import of a deleted account goes on counting and keeps old UserSigs out',
    current: deleted,
    command: importing([]),
    profile: { ...fresh, version: 3, revokedAtMs: 500 },
  },
  {
    name: 'a deletion wipes the fields, keeps the version, and revokes',
    current: account,
    command: remove,
    profile: { ...stored, fields: {}, isDeleted: true, revokedAtMs: NOW_MS, updatedAtMs: NOW_MS },
  },
  {
    name: 'a deletion under a clock that was set back does not let revoked UserSigs in again',
    current: { ...account, revokedAtMs: NOW_MS + 1 },
    command: remove,
    profile: { ...stored, fields: {}, isDeleted: true, revokedAtMs: NOW_MS + 1, updatedAtMs: NOW_MS },
  },
  {
    name: 'a revocation sets its moment',
    current: account,
    command: revoke,
    profile: { ...stored, revokedAtMs: NOW_MS },
  },
  {
    name: 'a revocation under a clock that was set back does not let revoked UserSigs in again',
    current: { ...account, revokedAtMs: NOW_MS + 1 },
    command: revoke,
    profile: { ...stored, revokedAtMs: NOW_MS + 1 },
  },
];

describe('changeProfile', () => {
  for (const { name, current, command, profile, before } of CASES) {
    test(name, () => {
      const change = changeProfile(current, command, NOW_MS);
      assert.deepEqual(profileOf(change), profile);
      assert.deepEqual(change.event?.previousItems, before);
      assert.equal(change.event !== undefined, before !== undefined);
    });
  }

  test('an event says who did what, from where, and when', () => {
    const { event } = changeProfile(account, set([...ann, { tag: LEVEL, value: 8 }]), NOW_MS);
    assert.deepEqual(event, {
      userId: 'id1',
      version: 4,
      command: 'Profile.CallbackPortraitSet',
      atMs: NOW_MS,
      clientIp: '203.0.113.9',
      platform: 'RESTAPI',
      body: `{"CallbackCommand":"Profile.CallbackPortraitSet","Operator_Account":"administrator","From_Account":"id1","EventTime":${NOW_MS},"ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"Ann"},{"Tag":"Tag_Profile_IM_Level","Value":8}]}`,
      previousItems: [
        { tag: NICK, value: 'old' },
        { tag: LEVEL, value: 7 },
      ],
    });
  });

  for (const [kind, command, code] of [
    ['set', set(ann), 40003],
    ['delete', remove, 70107],
    ['revoke', revoke, 70107],
  ] as const) {
    for (const [state, current] of [
      ['never was', undefined],
      ['was deleted', deleted],
    ] as const) {
      test(`${kind} for an account that ${state} is refused with ${code} and names it`, () => {
        assert.throws(
          () => changeProfile(current, command, NOW_MS),
          (error) => error instanceof ApiError && error.code === code && error.message.includes('"id1"'),
        );
      });
    }
  }
});

const items = fc.uniqueArray(
  fc.record(
    { tag: fc.constantFrom('a', 'b', 'c', NICK), value: fc.oneof(fc.string(), fc.nat()) },
    { noNullPrototype: true },
  ),
  { selector: ({ tag }) => tag, minLength: 1 },
);
const anyCommand: fc.Arbitrary<ProfileCommand> = fc.oneof(
  items.map(set),
  fc.tuple(fc.oneof(items, fc.constant([])), fc.boolean()).map(([list, announce]) => importing(list, announce)),
  fc.constant(remove),
  fc.constant(revoke),
);
const commands = fc.array(fc.tuple(anyCommand, fc.integer({ min: NOW_MS, max: NOW_MS + 10_000 })), { maxLength: 30 });

describe('changeProfile, any commands one after the other', () => {
  test('the version is the number of announced changes, and each knows what was there before', () => {
    const property = fc.property(commands, (list) => {
      let current: Profile | undefined;
      let seen: Profile['fields'] = {};
      let announced = 0;
      for (const [command, atMs] of list) {
        const change = attempt(current, command, atMs);
        if (!change) continue;
        if (change.event) {
          announced += 1;
          assert.equal(change.event.version, announced);
          const written = command.kind === 'set' || command.kind === 'import' ? command.items : [];
          const before = written.flatMap(({ tag }) => (Object.hasOwn(seen, tag) ? [{ tag, value: seen[tag] }] : []));
          assert.deepEqual(change.event.previousItems, before);
        }
        current = { lastSeq: 0, ...change.profile };
        seen = current.fields;
        assert.equal(current.version, announced);
      }
    });
    fc.assert(property, { numRuns: 300 });
  });

  test('what goes in stays as it was, and the same comes out again', () => {
    const property = fc.property(commands, (list) => {
      let current: Profile | undefined;
      for (const [command, atMs] of list) {
        deepFreeze(command);
        const change = attempt(current, command, atMs);
        assert.deepEqual(attempt(current, command, atMs), change);
        if (change) current = deepFreeze({ lastSeq: 0, ...change.profile });
      }
    });
    fc.assert(property, { numRuns: 200 });
  });
});

/** @returns undefined if the rule refuses */
function attempt(current: Profile | undefined, command: ProfileCommand, atMs: number): ProfileChange | undefined {
  try {
    return changeProfile(current, command, atMs);
  } catch (error) {
    assert.ok(error instanceof ApiError);
    return undefined;
  }
}

/** Writing to what is frozen throws. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
