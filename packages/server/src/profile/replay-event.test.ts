import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { NICK, ORIGIN, sampleEvent } from '../../test/support/samples.ts';
import type { ChangeEvent, Profile, ProfileCommand } from '../storage/store.ts';
import { changeProfile } from './change-profile.ts';
import { replayEvent } from './replay-event.ts';

const user = { sdkAppId: 1_400_000_001, userId: 'id1' };
const before: Profile = {
  ...user,
  version: 2,
  fields: { [NICK]: 'old', Tag_Profile_IM_Level: 7 },
  isDeleted: false,
  revokedAtMs: 5,
  lastSeq: 10,
  createdAtMs: 1,
  updatedAtMs: 2,
};

/** What the store makes of a command: record and event, with the event's place. */
function change(current: Profile | undefined, command: ProfileCommand, nowMs: number, seq: number) {
  const { profile, event } = changeProfile(current, command, nowMs);
  const lastSeq = event ? seq : (current?.lastSeq ?? 0);
  const stored = event && sampleEvent({ ...event, seq, previousSeq: current?.lastSeq ?? 0 });
  return { profile: { ...profile, lastSeq } satisfies Profile, event: stored };
}

describe('replayEvent', () => {
  test('makes of the record what the change made of it', () => {
    const items = [
      { tag: NICK, value: 'Ann 😀' },
      { tag: 'Tag_Profile_IM_Location', value: '' },
    ];
    const { profile, event } = change(before, { ...user, kind: 'set', items, origin: ORIGIN }, 500, 12);
    assert.deepEqual(replayEvent(before, event as ChangeEvent), profile);
  });

  test('an event that the record has already changes nothing', () => {
    for (const seq of [9, 10]) assert.equal(replayEvent(before, sampleEvent({ seq, version: 1 })), before);
  });

  test('a body that is no callback’s is a damaged log, and named', () => {
    const event = sampleEvent({ seq: 11, body: '{}' });
    assert.throws(() => replayEvent(before, event), new RegExp(event.eventId));
  });

  test('any announced changes, replayed from the last record that was written, lead to the same record', () => {
    const items = fc.uniqueArray(
      fc.record(
        { tag: fc.constantFrom(NICK, 'Tag_a', 'Tag_b'), value: fc.oneof(fc.string({ unit: 'grapheme' }), fc.nat()) },
        { noNullPrototype: true },
      ),
      { selector: ({ tag }) => tag, minLength: 1 },
    );
    const command: fc.Arbitrary<ProfileCommand> = fc.oneof(
      items.map((list): ProfileCommand => ({ ...user, kind: 'set', items: list, origin: ORIGIN })),
      fc
        .tuple(items, fc.boolean())
        .map(
          ([list, announce]): ProfileCommand => ({ ...user, kind: 'import', items: list, origin: ORIGIN, announce }),
        ),
      fc.constantFrom<ProfileCommand>({ ...user, kind: 'delete' }, { ...user, kind: 'revoke' }),
    );
    const property = fc.property(fc.array(command, { maxLength: 30, size: 'max' }), (commands) => {
      let current: Profile | undefined;
      /** what is in its row: written at once if there is no event to replay, or no account that it could be replayed on */
      let written: Profile | undefined;
      let log: ChangeEvent[] = [];
      for (const [index, one] of commands.entries()) {
        let result: ReturnType<typeof change>;
        try {
          result = change(current, one, 1_000 + index, index + 1);
        } catch {
          continue;
        }
        if (!result.event || !current || current.isDeleted) {
          written = result.profile;
          log = [];
        } else log.push(result.event);
        current = result.profile;
        if (written) assert.deepEqual(log.reduce(replayEvent, written), current);
      }
    });
    fc.assert(property, { numRuns: 300 });
  });
});
