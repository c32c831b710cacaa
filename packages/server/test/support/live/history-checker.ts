/** Judges a whole history: what was asked for, what was acknowledged, and what arrived. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { ReceivedCallback } from './receiver.ts';

/** One `portrait_set` of one item whose value no other change has. */
interface Change {
  readonly userId: string;
  readonly value: string;
  readonly sentAt: number;
  /** when the answer was there, or it was clear that none would come; undefined = under way */
  endedAt?: number;
  outcome: 'unknown' | 'acknowledged' | 'refused';
}

/** What the callbacks must be signed with. */
export interface HistoryCheckerOptions {
  readonly sdkAppId: number;
  readonly token: string;
  readonly signingSecret: string;
}

/** What was seen, for the test's output. */
export interface HistorySummary {
  readonly changes: number;
  readonly acknowledged: number;
  /** nobody was told, and it was stored all the same */
  readonly unacknowledgedButStored: number;
  readonly callbacks: number;
  readonly repeats: number;
}

const PARAMETERS = ['SdkAppid', 'CallbackCommand', 'contenttype', 'ClientIP', 'OptPlatform', 'Sign', 'RequestTime'];
const MAX_CLOCK_DIFFERENCE_SECONDS = 60;
const MAX_REPORTED = 20;

/**
 * Collects changes and the callbacks of one endpoint, at one receiver or several, and checks at the end:
 *
 * - nothing lost: each acknowledged change arrived and was accepted
 * - nothing invented: each callback tells of a change that was asked for and not refused
 * - sequences of a user are 1..n without a gap, in the order in which the changes were acknowledged
 * - order: a sequence comes for the first time after the one before it was accepted
 * - repeats have the same webhook-id and the same bytes, and no webhook-id stands for two sequences
 * - both signatures are valid
 */
export class HistoryChecker {
  readonly #options: HistoryCheckerOptions;
  readonly #webhook: Webhook;
  readonly #changes = new Map<string, Change>();
  readonly #callbacks: ReceivedCallback[] = [];
  readonly #faults: string[] = [];

  constructor(options: HistoryCheckerOptions) {
    this.#options = options;
    this.#webhook = new Webhook(options.signingSecret);
  }

  /** A change is about to be sent. @returns tell here what the answer was; `unknown` = none came, or it says neither */
  sent(userId: string, value: string): (outcome: Change['outcome']) => void {
    assert.ok(!this.#changes.has(value), `value ${value} was used before`);
    const change: Change = { userId, value, sentAt: performance.now(), outcome: 'unknown' };
    this.#changes.set(value, change);
    return (outcome) => {
      change.outcome = outcome;
      change.endedAt = performance.now();
    };
  }

  /** A callback came: for `Receiver.onCallback`. Signatures are checked at once, as they age. */
  readonly received = (callback: ReceivedCallback): void => {
    this.#callbacks.push(callback);
    this.#checkSign(callback);
    this.#checkWebhookSignature(callback);
    this.#checkBody(callback);
  };

  /** Changes that were sent. */
  get changeCount(): number {
    return this.#changes.size;
  }

  get acknowledgedCount(): number {
    return [...this.#changes.values()].filter(({ outcome }) => outcome === 'acknowledged').length;
  }

  /** Whether every acknowledged change was accepted by the receiver. */
  get isAllAccepted(): boolean {
    const accepted = this.#acceptedValues();
    return [...this.#changes.values()].every(
      (change) => change.outcome !== 'acknowledged' || accepted.has(change.value),
    );
  }

  /** Acknowledged changes that the receiver has not accepted yet. */
  missing(): readonly string[] {
    const accepted = this.#acceptedValues();
    return [...this.#changes.values()]
      .filter(({ outcome, value }) => outcome === 'acknowledged' && !accepted.has(value))
      .map(({ userId, value }) => `${userId} ${value}`);
  }

  /** Whether a change of the user was ever acknowledged: if not, a reader may see that there is none. */
  hasAcknowledged(userId: string): boolean {
    return [...this.#changes.values()].some((one) => one.userId === userId && one.outcome === 'acknowledged');
  }

  /** Values that a reader may see now: of changes that are not surely followed by one that was acknowledged. */
  finalValues(userId: string): readonly string[] {
    const changes = [...this.#changes.values()].filter(
      (change) => change.userId === userId && change.outcome !== 'refused',
    );
    const sentLast = Math.max(...changes.map(({ outcome, sentAt }) => (outcome === 'acknowledged' ? sentAt : 0)));
    return changes.filter(({ endedAt }) => endedAt === undefined || endedAt >= sentLast).map(({ value }) => value);
  }

  /** @throws AssertionError that lists what is wrong */
  check(): HistorySummary {
    const faults = [...this.#faults, ...this.missing().map((change) => `lost: ${change}`)];
    const byUser = Map.groupBy(this.#callbacks, ({ userId }) => userId);
    for (const [userId, callbacks] of byUser) faults.push(...this.#findUserFaults(userId, callbacks));
    faults.push(...findSharedIds(this.#callbacks));
    assert.equal(
      faults.length,
      0,
      `${faults.length} faults:\n${faults.slice(0, MAX_REPORTED).join('\n')}${faults.length > MAX_REPORTED ? '\n…' : ''}`,
    );
    return this.#summary(byUser);
  }

  #acceptedValues(): ReadonlySet<unknown> {
    return new Set(this.#callbacks.filter(({ acceptedAtMs }) => acceptedAtMs !== undefined).map(({ value }) => value));
  }

  #summary(byUser: ReadonlyMap<string, readonly ReceivedCallback[]>): HistorySummary {
    const changes = [...this.#changes.values()];
    const stored = new Set(this.#callbacks.map(({ value }) => value));
    const distinct = [...byUser.values()].reduce((sum, calls) => sum + new Set(calls.map((c) => c.sequence)).size, 0);
    return {
      changes: changes.length,
      acknowledged: this.acknowledgedCount,
      unacknowledgedButStored: changes.filter(({ outcome, value }) => outcome === 'unknown' && stored.has(value))
        .length,
      callbacks: this.#callbacks.length,
      repeats: this.#callbacks.length - distinct,
    };
  }

  #findUserFaults(userId: string, callbacks: readonly ReceivedCallback[]): readonly string[] {
    const bySequence = Map.groupBy(callbacks, ({ sequence }) => sequence);
    const firsts = [...bySequence].map(([, repeats]) => repeats[0]).filter((first) => first !== undefined);
    return [
      ...[...bySequence].flatMap(([, repeats]) => this.#findRepeatFaults(userId, repeats)),
      ...findOrderFaults(userId, firsts, bySequence),
      ...this.#findChangeOrderFaults(userId, firsts),
      ...findDoubleValues(userId, firsts),
    ];
  }

  #findRepeatFaults(userId: string, repeats: readonly ReceivedCallback[]): readonly string[] {
    const [first] = repeats;
    return repeats
      .filter(({ eventId, body }) => eventId !== first?.eventId || body !== first.body)
      .map(({ sequence }) => `${userId}/${sequence}: a repeat differs in webhook-id or body`);
  }

  /** Who was answered before another asked comes before him. */
  #findChangeOrderFaults(userId: string, firsts: readonly ReceivedCallback[]): readonly string[] {
    const faults: string[] = [];
    const inSequence = firsts.toSorted((a, b) => a.sequence - b.sequence);
    let latestSent: Change | undefined;
    for (const { value, sequence } of inSequence) {
      const change = this.#changes.get(String(value));
      if (!change) continue;
      const endedAt = change.outcome === 'acknowledged' ? change.endedAt : undefined;
      if (latestSent && endedAt !== undefined && endedAt < latestSent.sentAt) {
        faults.push(`${userId}/${sequence}: ${change.value} was acknowledged before ${latestSent.value} was sent`);
      }
      if (!latestSent || change.sentAt > latestSent.sentAt) latestSent = change;
    }
    return faults;
  }

  #checkBody({ userId, sequence, body, value, method }: ReceivedCallback): void {
    const change = this.#changes.get(String(value));
    if (change?.userId !== userId) this.#faults.push(`${userId}/${sequence}: invented, nobody asked for ${value}`);
    else if (change.outcome === 'refused') this.#faults.push(`${userId}/${sequence}: ${value} was refused`);
    const members = Object.keys(JSON.parse(body)).join();
    if (method !== 'POST' || members !== 'CallbackCommand,Operator_Account,From_Account,EventTime,ProfileItem') {
      this.#faults.push(`${userId}/${sequence}: ${method} with ${members}`);
    }
  }

  #checkSign({ userId, sequence, url, atUnixMs }: ReceivedCallback): void {
    const search = new URL(url, 'http://receiver').searchParams;
    const { sdkAppId, token } = this.#options;
    const time = search.get('RequestTime') ?? '';
    const expected = createHash('sha256').update(`${token}${time}`).digest('hex');
    const isFresh = Math.abs(Number(time) - atUnixMs / 1_000) <= MAX_CLOCK_DIFFERENCE_SECONDS;
    const isRight =
      [...search.keys()].join() === PARAMETERS.join() &&
      search.get('SdkAppid') === String(sdkAppId) &&
      search.get('Sign') === expected &&
      isFresh;
    if (!isRight) this.#faults.push(`${userId}/${sequence}: Sign or parameters are wrong: ${url}`);
  }

  #checkWebhookSignature({ userId, sequence, headers, body }: ReceivedCallback): void {
    try {
      this.#webhook.verify(body, headers as Record<string, string>);
    } catch (error) {
      this.#faults.push(`${userId}/${sequence}: webhook-signature: ${(error as Error).message}`);
    }
  }
}

/** 1..n without gaps; each comes first after the one before it was accepted. */
function findOrderFaults(
  userId: string,
  firsts: readonly ReceivedCallback[],
  bySequence: ReadonlyMap<number, readonly ReceivedCallback[]>,
): readonly string[] {
  const faults: string[] = [];
  const sequences = firsts.map(({ sequence }) => sequence).toSorted((a, b) => a - b);
  const gap = sequences.findIndex((sequence, index) => sequence !== index + 1);
  if (gap >= 0) faults.push(`${userId}: sequence ${gap + 1} is missing, ${sequences[gap]} is there`);
  for (const first of firsts) {
    if (first.sequence === 1) continue;
    const before = bySequence.get(first.sequence - 1) ?? [];
    if (!before.some(({ acceptedAtMs }) => acceptedAtMs !== undefined && acceptedAtMs <= first.atMs)) {
      faults.push(`${userId}/${first.sequence}: came before ${first.sequence - 1} was accepted`);
    }
  }
  return faults;
}

function findDoubleValues(userId: string, firsts: readonly ReceivedCallback[]): readonly string[] {
  return [...Map.groupBy(firsts, ({ value }) => value)]
    .filter(([, same]) => same.length > 1)
    .map(([value, same]) => `${userId}: ${value} has sequences ${same.map(({ sequence }) => sequence).join()}`);
}

function findSharedIds(callbacks: readonly ReceivedCallback[]): readonly string[] {
  return [...Map.groupBy(callbacks, ({ eventId }) => eventId)]
    .filter(([, same]) => new Set(same.map(({ userId, sequence }) => `${userId}/${sequence}`)).size > 1)
    .map(
      ([eventId, same]) => `webhook-id ${eventId} stands for ${same.map((c) => `${c.userId}/${c.sequence}`).join()}`,
    );
}
