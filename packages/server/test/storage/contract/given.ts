/** What a case of the store contract works with. */
import { type ProfileItem, type ProfileValue, parsePortraitSetCallback } from '@portrait/wire';
import { StoreError } from '../../../src/errors.ts';
import { laneOf } from '../../../src/storage/lane.ts';
import type {
  Attempt,
  ChangeEvent,
  CommittedChange,
  Delivery,
  DeliveryQuery,
  Profile,
  Progress,
  Settlement,
  StepResult,
  Store,
} from '../../../src/storage/store.ts';
import { APP, NICK, ORIGIN, sampleApp } from '../../support/samples.ts';

/** Time of the store under test: its `now` and the life of its leases. */
export interface SettableClock {
  now(): number;
  advance(ms: number): void;
  /** set it, without time that passes: forwards or back */
  jumpTo(nowMs: number): void;
}

/** A store of an engine, alone in the world. */
export interface StoreFixture {
  /** Open it; called once, before the other. */
  open(): Promise<Store>;
  /** Open it again, with the same data, after it was closed. */
  reopen(): Promise<Store>;
  readonly clock: SettableClock;
  /** Close what is open, and remove all of it. */
  destroy(): Promise<void>;
}

/** Add a case to the suite. */
export type AddCase = (name: string, run: (given: Given) => Promise<void>) => void;

/** Where a settlement belongs, and how far its cursor is. */
export interface SettlePlace {
  readonly endpointId: string;
  readonly lane: number;
  readonly epoch: number;
  readonly seq: number;
}

/** An open store, and the steps that many cases take. */
export class Given {
  readonly clock: SettableClock;
  readonly #fixture: StoreFixture;
  readonly #apps = new Map<number, Promise<void>>();
  #store: Store;

  private constructor(fixture: StoreFixture, store: Store) {
    this.#fixture = fixture;
    this.clock = fixture.clock;
    this.#store = store;
  }

  static async open(fixture: StoreFixture): Promise<Given> {
    return new Given(fixture, await fixture.open());
  }

  get store(): Store {
    return this.#store;
  }

  get lanes(): readonly number[] {
    return Array.from({ length: this.#store.laneCount }, (_, lane) => lane);
  }

  async reopen(): Promise<void> {
    await this.#store.close();
    this.#store = await this.#fixture.reopen();
  }

  laneOf(userId: string, sdkAppId: number = APP): number {
    return laneOf(sdkAppId, userId, this.#store.laneCount);
  }

  /** Names of users who share the lane of `id1`. */
  usersOfOneLane(count: number, sdkAppId: number = APP): readonly string[] {
    const lane = this.laneOf('id1', sdkAppId);
    const users: string[] = [];
    for (let i = 1; users.length < count; i += 1) {
      if (this.laneOf(`id${i}`, sdkAppId) === lane) users.push(`id${i}`);
    }
    return users;
  }

  /** Make the app of this number, if it isn't there; who asks at the same time waits for the same. */
  ensureApp(sdkAppId: number = APP): Promise<void> {
    const known = this.#apps.get(sdkAppId);
    if (known) return known;
    const made = this.#store.createApp(sampleApp({ sdkAppId })).catch((error: unknown) => {
      if (!(error instanceof StoreError && error.kind === 'exists')) throw error;
    });
    this.#apps.set(sdkAppId, made);
    return made;
  }

  async importUser(userId: string, sdkAppId: number = APP): Promise<CommittedChange> {
    await this.ensureApp(sdkAppId);
    return this.#store.commitChange({
      kind: 'import',
      sdkAppId,
      userId,
      items: [],
      origin: ORIGIN,
      announce: false,
    });
  }

  /** All at the same time. */
  async importUsers(userIds: readonly string[], sdkAppId: number = APP): Promise<void> {
    await this.ensureApp(sdkAppId);
    await Promise.all(userIds.map((userId) => this.importUser(userId, sdkAppId)));
  }

  set(userId: string, what: ProfileValue | readonly ProfileItem[], sdkAppId: number = APP): Promise<CommittedChange> {
    const items = typeof what === 'object' ? what : [{ tag: NICK, value: what }];
    return this.#store.commitChange({ kind: 'set', sdkAppId, userId, items, origin: ORIGIN });
  }

  /** Set the nick, and give its event. */
  async announce(userId: string, value: ProfileValue = 'a', sdkAppId: number = APP): Promise<ChangeEvent> {
    const { event } = await this.set(userId, value, sdkAppId);
    if (!event) throw new Error(`setting ${userId} made no event`);
    return event;
  }

  /** One event of each user, one after the other, a second apart. Accounts are made as they are needed. */
  async announceAll(userIds: readonly string[], sdkAppId: number = APP): Promise<ChangeEvent[]> {
    await this.importUsers([...new Set(userIds)], sdkAppId);
    const events: ChangeEvent[] = [];
    for (const userId of userIds) {
      this.clock.advance(1_000);
      events.push(await this.announce(userId, `name ${events.length + 1}`, sdkAppId));
    }
    return events;
  }

  async profile(userId: string, sdkAppId: number = APP): Promise<Profile | undefined> {
    const [profile] = await this.#store.getProfiles(sdkAppId, [userId]);
    return profile;
  }

  /** All events of a lane, in order. */
  readLane(lane: number, sdkAppId: number = APP): Promise<readonly ChangeEvent[]> {
    return this.#store.readEvents({ sdkAppId, lane, afterSeq: 0, limit: 1_000_000 });
  }

  /** All events of an app, lane by lane. */
  async log(sdkAppId: number = APP): Promise<readonly ChangeEvent[]> {
    const heads = (await this.#store.readHeads(this.lanes)).filter((head) => head.sdkAppId === sdkAppId);
    const lanes = await Promise.all(heads.map(({ lane }) => this.readLane(lane, sdkAppId)));
    return lanes.flat();
  }

  /** All events of a user, oldest first. */
  async history(userId: string, sdkAppId: number = APP): Promise<readonly ChangeEvent[]> {
    const events = await this.readLane(this.laneOf(userId, sdkAppId), sdkAppId);
    return events.filter((event) => event.userId === userId);
  }

  /** Claim all lanes. @returns the epoch of the lane of `id1` */
  async claim(owner = 'node-1', sdkAppId: number = APP): Promise<number> {
    const leases = await this.#store.claimLanes({ owner, leaseMs: 60_000 });
    const mine = leases.find(({ lane }) => lane === this.laneOf('id1', sdkAppId));
    if (!mine) throw new Error(`${owner} could not have the lane`);
    return mine.epoch;
  }

  async settle(place: SettlePlace, members: Partial<Settlement> = {}): Promise<void> {
    const { endpointId, lane, epoch, seq } = place;
    await this.#store.settle({
      endpointId,
      sdkAppId: APP,
      lane,
      epoch,
      cursor: { lane, seq, doneAhead: [] },
      attempts: [],
      parked: [],
      unparkedSeqs: [],
      unparkedUsers: [],
      ...members,
    });
  }

  /** Progress in the lane of `id1`. */
  async progress(endpointId: string): Promise<{ readonly seq: number; readonly doneAhead: readonly number[] }> {
    return cursorOf(await this.#store.loadProgress(endpointId), this.laneOf('id1'));
  }

  /** Remove all that was made before `beforeMs` and may go. @returns how many events went */
  removeExpired(beforeMs: number, sdkAppId: number = APP): Promise<number> {
    return allSteps(() => this.#store.removeExpired({ sdkAppId, beforeMs }));
  }

  /** Overwrite all that may be. @returns how many events were */
  eraseDeleted(sdkAppId: number = APP): Promise<number> {
    return allSteps(() => this.#store.eraseDeleted(sdkAppId));
  }

  /** All pages of a list of deliveries, in order. */
  async deliveries(query: Partial<DeliveryQuery> = {}): Promise<readonly Delivery[]> {
    const items: Delivery[] = [];
    let cursor: string | undefined;
    do {
      const asked = { sdkAppId: APP, limit: 100, ...query, ...(cursor !== undefined && { cursor }) };
      const page = await this.#store.listDeliveries(asked);
      if (page.items.length > asked.limit) throw new Error(`${page.items.length} items, ${asked.limit} were asked for`);
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return items;
  }
}

async function allSteps(step: () => Promise<StepResult>): Promise<number> {
  let count = 0;
  for (let steps = 0; steps < 10_000; steps += 1) {
    const { events, isDone } = await step();
    count += events;
    if (isDone) return count;
  }
  throw new Error(`10,000 steps, ${count} events, and no end`);
}

/** A lane without a cursor is at its start. */
export function cursorOf(
  { cursors }: Progress,
  lane: number,
): { readonly seq: number; readonly doneAhead: readonly number[] } {
  const { seq, doneAhead } = cursors.find((cursor) => cursor.lane === lane) ?? { seq: 0, doneAhead: [] };
  return { seq, doneAhead };
}

/** An attempt that got an answer. */
export function sampleAttempt(members: Partial<Attempt> & { readonly seq: number }): Attempt {
  return { number: 1, atMs: 1_795_428_000_500, outcome: 'delivered', durationMs: 3.25, ...members };
}

/** What a callback body says was written. */
export function itemsOf({ body }: ChangeEvent): readonly ProfileItem[] {
  const parsed = parsePortraitSetCallback(body);
  if (!parsed.ok) throw new Error(`the body of the event is no callback: ${body}`);
  return parsed.value.items;
}

/** 1, 2, 3 … `count`. */
export function countTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}
