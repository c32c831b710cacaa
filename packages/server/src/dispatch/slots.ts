/**
 * The cap on POSTs under way over all endpoints, fair between apps and between the endpoints of an app.
 *
 * Nobody may take the last ones: an app holds at most three times what is free, and an endpoint three times what is left to its app. One app
 * alone gets three quarters; with more of them the bounds fall by themselves, and who holds little always finds something. (Dynamic
 * thresholds, as switches share buffers by. A fixed share per app would be full with two of them, a fixed reserve with one flood.)
 *
 * Who finds none is called when there is one for him: apps by turns, the endpoints of an app in the order of asking.
 */
const TIMES_WHAT_IS_FREE = 3;

/** What one app holds. */
interface AppSlots {
  readonly sdkAppId: number;
  readonly waiting: Set<SlotClaim>;
  held: number;
  claims: number;
}

/** One endpoint's access to the slots. */
export interface SlotClaim {
  readonly app: AppSlots;
  /** called once, when it is worth asking again */
  readonly wake: () => void;
  held: number;
}

/** Slots, who holds them and who waits for them. */
export class Slots {
  #free: number;
  readonly #apps = new Map<number, AppSlots>();
  /** apps that somebody waits in, who is served next first */
  readonly #waiting = new Set<AppSlots>();
  #isWaking = false;

  constructor(count: number) {
    this.#free = count;
  }

  /** Access for one endpoint. */
  join(sdkAppId: number, wake: () => void): SlotClaim {
    const app = this.#apps.get(sdkAppId) ?? { sdkAppId, waiting: new Set(), held: 0, claims: 0 };
    this.#apps.set(sdkAppId, app);
    app.claims += 1;
    return { app, wake, held: 0 };
  }

  /** The endpoint is gone; it holds nothing any more. */
  leave(claim: SlotClaim): void {
    const { app } = claim;
    this.#wait(claim, false);
    app.claims -= 1;
    if (app.claims === 0) this.#apps.delete(app.sdkAppId);
  }

  /** Take a slot. If there is none for it, the claim's `wake` is called when there is. */
  take(claim: SlotClaim): boolean {
    const isFree = this.#isFreeFor(claim);
    this.#wait(claim, !isFree);
    if (!isFree) return false;
    this.#free -= 1;
    claim.held += 1;
    claim.app.held += 1;
    return true;
  }

  /** Give a slot back. */
  release(claim: SlotClaim): void {
    this.#free += 1;
    claim.held -= 1;
    claim.app.held -= 1;
    if (this.#isWaking) return; // the loop below sees it
    this.#isWaking = true;
    try {
      for (let next = this.#nextInTurn(); next; next = this.#nextInTurn()) next.wake();
    } finally {
      this.#isWaking = false;
    }
  }

  #isFreeFor({ app, held }: SlotClaim): boolean {
    const leftToApp = TIMES_WHAT_IS_FREE * this.#free - app.held;
    return leftToApp > 0 && held < TIMES_WHAT_IS_FREE * leftToApp;
  }

  /** Who waits and may have one; he waits no more, and his app is the last from now on. */
  #nextInTurn(): SlotClaim | undefined {
    for (const app of this.#waiting) {
      for (const claim of app.waiting) {
        if (!this.#isFreeFor(claim)) continue;
        this.#wait(claim, false);
        if (this.#waiting.delete(app)) this.#waiting.add(app);
        return claim;
      }
    }
    return undefined;
  }

  #wait(claim: SlotClaim, isWaiting: boolean): void {
    const { app } = claim;
    if (isWaiting) app.waiting.add(claim);
    else app.waiting.delete(claim);
    if (app.waiting.size > 0) this.#waiting.add(app);
    else this.#waiting.delete(app);
  }
}
