/**
 * Tells an endpoint that is down from an event that fails by itself. It counts as down when
 *
 * | what is seen | how much of it |
 * |---|---|
 * | faults of the endpoint, no delivery between them | 5 in at least a second, or 10; on trial 5 |
 * | failures of any kind, no delivery between them | 10, of 5 users or more |
 * | failures of any kind among deliveries | half of 10 attempts or more in the last 10 s, of 5 users or more |
 *
 * Rows have no end in time, so that an app of few changes is seen too. A share needs one: without it an hour of deliveries would hide an
 * outage of a minute. One user alone is never enough, unless the fault can't be his: then nothing was sent, or the answer says so.
 */
const FAULTS_IN_A_ROW = 5;
const ROW_LASTS_MS = 1_000;
const FAILURES_IN_A_ROW = 10;
const USERS = 5;
const WINDOW_SECONDS = 10;
const WINDOW_ATTEMPTS = 10;

/** A failed attempt, as far as it matters here. */
export interface Failure {
  readonly userId: string;
  /** it can't be the event's fault */
  readonly isEndpointFault: boolean;
  /** for people: `connect`, `status 503` */
  readonly what: string;
}

interface Second {
  at: number;
  attempts: number;
  failures: number;
  /** of those who failed, as many as are needed to tell that they are several */
  readonly users: Set<string>;
}

/** Pure bookkeeping: fifty names and thirty numbers. Times are seconds and milliseconds of the monotonic clock. */
export class CircuitFailures {
  readonly #seconds: Second[] = Array.from({ length: WINDOW_SECONDS }, newSecond);
  readonly #rowUsers = new Set<string>();
  #rowFailures = 0;
  #rowFaults = 0;
  #rowSince = 0;

  /** Forget all. */
  clear(): void {
    this.#endRow();
    for (const second of this.#seconds) restart(second, -1);
  }

  delivered(now: number): void {
    this.#endRow();
    this.#second(now).attempts += 1;
  }

  /**
   * @param isTrial  the circuit is half open: five faults are enough, however fast they come
   * @returns a sentence that says why the endpoint counts as down, if it does
   */
  failed({ userId, isEndpointFault, what }: Failure, now: number, isTrial: boolean): string | undefined {
    if (this.#rowFailures === 0) this.#rowSince = now;
    this.#rowFailures += 1;
    if (isEndpointFault) this.#rowFaults += 1;
    addUser(this.#rowUsers, userId);
    const second = this.#second(now);
    second.attempts += 1;
    second.failures += 1;
    addUser(second.users, userId);
    return this.#describeRow(now, what, isTrial) ?? this.#describeShare(now, what);
  }

  #describeRow(now: number, what: string, isTrial: boolean): string | undefined {
    const enough = isTrial || now - this.#rowSince >= ROW_LASTS_MS ? FAULTS_IN_A_ROW : FAILURES_IN_A_ROW;
    const isDown =
      this.#rowFaults >= enough || (this.#rowFailures >= FAILURES_IN_A_ROW && this.#rowUsers.size >= USERS);
    const users = this.#rowUsers.size >= USERS ? `${USERS} users or more` : `users: ${this.#rowUsers.size}`;
    return isDown ? `${this.#rowFailures} attempts failed in a row (${users}); the last: ${what}` : undefined;
  }

  #describeShare(now: number, what: string): string | undefined {
    let [attempts, failures] = [0, 0];
    const users = new Set<string>();
    for (const second of this.#seconds) {
      if (second.at <= secondOf(now) - WINDOW_SECONDS) continue;
      attempts += second.attempts;
      failures += second.failures;
      for (const userId of second.users) users.add(userId);
    }
    if (attempts < WINDOW_ATTEMPTS || failures * 2 < attempts || users.size < USERS) return undefined;
    return `${failures} of ${attempts} attempts failed in ${WINDOW_SECONDS} s (${USERS} users or more); the last: ${what}`;
  }

  #second(now: number): Second {
    const at = secondOf(now);
    const second = this.#seconds[at % WINDOW_SECONDS] as Second;
    if (second.at !== at) restart(second, at);
    return second;
  }

  #endRow(): void {
    this.#rowFailures = 0;
    this.#rowFaults = 0;
    this.#rowUsers.clear();
  }
}

function newSecond(): Second {
  return { at: -1, attempts: 0, failures: 0, users: new Set() };
}

function restart(second: Second, at: number): void {
  second.at = at;
  second.attempts = 0;
  second.failures = 0;
  second.users.clear();
}

function secondOf(now: number): number {
  return Math.floor(now / 1_000);
}

function addUser(users: Set<string>, userId: string): void {
  if (users.size < USERS) users.add(userId);
}
