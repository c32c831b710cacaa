/**
 * A store against a model: whatever is asked of it, in whatever order, profiles, versions and the log are what a Map with a
 * list of announcements would hold.
 */
import assert from 'node:assert/strict';
import type { ProfileItem, ProfileValue } from '@portrait/wire';
import fc from 'fast-check';
import type { ProfileCommand } from '../../../src/storage/store.ts';
import { APP, ORIGIN } from '../../support/samples.ts';
import { type AddCase, countTo, type Given, itemsOf } from './given.ts';

const USERS = ['id1', 'id2', 'id3', "o'hara 😀"];
const TAGS = ['Tag_Profile_IM_Nick', 'Tag_Profile_IM_Level', 'Tag_Profile_Custom_Data'];

interface Step {
  readonly userId: string;
  readonly kind: ProfileCommand['kind'];
  readonly items: readonly ProfileItem[];
  readonly announce: boolean;
}

interface Announced {
  readonly items: readonly ProfileItem[];
  readonly previousItems: readonly ProfileItem[];
  readonly atMs: number;
}

interface Account {
  fields: Map<string, ProfileValue>;
  isDeleted: boolean;
  revokedAtMs: number;
  createdAtMs: number;
  updatedAtMs: number;
  readonly announced: Announced[];
}

/** Steps of one moment: of different users, so that their order makes no difference. */
interface Batch {
  readonly afterMs: number;
  readonly steps: readonly Step[];
}

const items = fc.uniqueArray(
  fc.record(
    { tag: fc.constantFrom(...TAGS), value: fc.oneof(fc.string({ unit: 'grapheme' }), fc.nat()) },
    { noNullPrototype: true },
  ),
  { selector: ({ tag }) => tag, minLength: 1, maxLength: 3 },
);
const step = fc.record({
  userId: fc.constantFrom(...USERS),
  kind: fc.oneof(
    { weight: 5, arbitrary: fc.constant('set' as const) },
    { weight: 3, arbitrary: fc.constant('import' as const) },
    { weight: 1, arbitrary: fc.constant('delete' as const) },
    { weight: 1, arbitrary: fc.constant('revoke' as const) },
  ),
  items,
  announce: fc.boolean(),
});
const batch = fc.record({
  afterMs: fc.constantFrom(0, 0, 1, 60_000),
  steps: fc.uniqueArray(step, { selector: ({ userId }) => userId, minLength: 1, maxLength: USERS.length }),
});
const batches = fc.array(batch, { minLength: 1, maxLength: 25, size: 'max' });

/** Random commands. */
export function modelCases(add: AddCase): void {
  add('any sequence of commands ends in the same profiles, versions and log as in the model', async (given) => {
    const models = new Map<number, ReadonlyMap<string, Account>>();
    const property = fc.asyncProperty(batches, async (plan) => {
      const sdkAppId = APP + models.size; // an app of its own for each run
      const model = new Map<string, Account>();
      models.set(sdkAppId, model);
      await given.ensureApp(sdkAppId);
      for (const one of plan) await run(given, model, one, sdkAppId);
      await assertSame(given, model, sdkAppId);
    });
    await fc.assert(property, { numRuns: 50 });
    await given.reopen();
    for (const [sdkAppId, model] of models) await assertSame(given, model, sdkAppId);
  });
}

async function run(
  given: Given,
  model: Map<string, Account>,
  { afterMs, steps }: Batch,
  sdkAppId: number,
): Promise<void> {
  given.clock.advance(afterMs);
  const nowMs = given.clock.now();
  const expected = steps.map((one) => apply(model, one, nowMs));
  const results = await Promise.allSettled(
    steps.map((one) => given.store.commitChange({ ...one, sdkAppId, origin: ORIGIN } as ProfileCommand)),
  );
  const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 0));
  assert.deepEqual(codes, expected);
}

/** @returns the code it ends with */
function apply(model: Map<string, Account>, { userId, kind, items: written, announce }: Step, nowMs: number): number {
  const known = model.get(userId);
  const isThere = known !== undefined && !known.isDeleted;
  if (!isThere && kind !== 'import') return kind === 'set' ? 40003 : 70107;
  const account = known ?? { ...newAccount(nowMs), revokedAtMs: 0, announced: [] };
  model.set(userId, account);
  if (!isThere) Object.assign(account, newAccount(nowMs));
  if (kind === 'revoke') account.revokedAtMs = nowMs;
  else if (kind === 'delete') {
    Object.assign(account, { fields: new Map(), isDeleted: true, updatedAtMs: nowMs, revokedAtMs: nowMs });
  } else {
    if (kind === 'set' || announce) {
      const previousItems = written.flatMap(({ tag }) => {
        const value = account.fields.get(tag);
        return value === undefined ? [] : [{ tag, value }];
      });
      account.announced.push({ items: written, previousItems, atMs: nowMs });
    }
    for (const { tag, value } of written) account.fields.set(tag, value);
    account.updatedAtMs = nowMs;
  }
  return 0;
}

function newAccount(nowMs: number): Pick<Account, 'fields' | 'isDeleted' | 'createdAtMs' | 'updatedAtMs'> {
  return { fields: new Map(), isDeleted: false, createdAtMs: nowMs, updatedAtMs: nowMs };
}

async function assertSame(given: Given, model: ReadonlyMap<string, Account>, sdkAppId: number): Promise<void> {
  const profiles = await given.store.getProfiles(sdkAppId, USERS);
  const log = await given.log(sdkAppId);
  for (const [index, userId] of USERS.entries()) {
    const account = model.get(userId);
    const profile = profiles[index];
    const history = log.filter((event) => event.userId === userId);
    if (!account) {
      assert.deepEqual([profile, history], [undefined, []]);
      continue;
    }
    const { fields, isDeleted, revokedAtMs, createdAtMs, updatedAtMs, announced } = account;
    const version = announced.length;
    const lastSeq = history.at(-1)?.seq ?? 0;
    const base = { sdkAppId, userId, version, lastSeq, fields: Object.fromEntries(fields) };
    assert.deepEqual(profile, { ...base, isDeleted, revokedAtMs, createdAtMs, updatedAtMs });
    assert.deepEqual(Object.keys(profile?.fields ?? {}), [...fields.keys()]);
    assert.deepEqual(
      history.map((event) => ({ items: itemsOf(event), previousItems: event.previousItems, atMs: event.atMs })),
      announced,
    );
    assert.deepEqual(
      history.map((event) => [event.version, event.previousSeq]),
      history.map((_, at) => [at + 1, history[at - 1]?.seq ?? 0]),
    );
  }
  for (const inLane of Map.groupBy(log, ({ lane }) => lane).values()) {
    assert.deepEqual(
      inLane.map(({ seq }) => seq),
      countTo(inLane.length),
    );
  }
}
