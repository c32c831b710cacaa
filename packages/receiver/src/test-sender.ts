import { judgeCallbackAnswer } from '@portrait/wire';
import type { ProfilePatch } from './profile-values.ts';
import { type CallbackParts, profileBody, signedRequest } from './signed-request.ts';

/** Where a sender sends, as whom. */
export interface SenderOptions extends Pick<CallbackParts, 'sdkAppId' | 'url' | 'token' | 'signingSecrets'> {
  /** Takes a request: a handler of createHandler, or by default `fetch` to `url`. */
  readonly deliver?: ((request: Request) => Promise<Response>) | undefined;
  /** Whose headers it sends: Portrait's, or none as Tencent. Default `portrait`. */
  readonly as?: 'portrait' | 'tencent' | undefined;
  /** Its clock, Unix milliseconds. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** One callback, to be sent any number of times. */
export interface SentCallback {
  readonly webhookId: string;
  readonly userId: string;
  /** 1, 2, 3 … per user. */
  readonly sequence: number;
  readonly body: string;
}

/** What an attempt came to; `ok` as Portrait's success rule `protocol` judges it. */
export interface SentAttempt {
  readonly callback: SentCallback;
  readonly attempt: number;
  readonly status: number;
  readonly answer: string;
  readonly ok: boolean;
}

/** How several are sent. */
export interface SendAllOptions {
  /** How often each is sent. Default 1. */
  readonly times?: number | undefined;
  /** Default `given`; with `shuffled` repeats stand anywhere. */
  readonly order?: 'given' | 'reversed' | 'shuffled' | undefined;
  /** Whether one waits for the answer to the one before. Default: all at once. */
  readonly oneByOne?: boolean | undefined;
  /** Waited before each, for example for a random while. */
  readonly pause?: (() => Promise<void>) | undefined;
  /** For `shuffled`: from 0 to below 1. Default Math.random; a seeded one makes a failure repeatable. */
  readonly random?: (() => number) | undefined;
}

/** A sender for tests. */
export interface Sender {
  /** Make a callback: the user's next change. */
  change(userId: string, changed: ProfilePatch): SentCallback;
  /** One attempt, signed anew. */
  send(callback: SentCallback): Promise<SentAttempt>;
  /** Several, repeated, reordered and delayed. @returns the attempts in the order in which they were sent */
  sendAll(callbacks: readonly SentCallback[], options?: SendAllOptions): Promise<readonly SentAttempt[]>;
  /** Again until it is taken. @throws Error after `attempts` (7) failures */
  sendUntilTaken(callback: SentCallback, attempts?: number): Promise<SentAttempt>;
}

/** Make a sender. */
export function createSender(options: SenderOptions): Sender {
  const { deliver = fetch, now = Date.now, as = 'portrait', ...parts } = options;
  const sequences = new Map<string, number>();
  const attempts = new Map<string, number>();
  let made = 0;

  const send = async (callback: SentCallback): Promise<SentAttempt> => {
    const { webhookId, sequence, body } = callback;
    const attempt = (attempts.get(webhookId) ?? 0) + 1;
    attempts.set(webhookId, attempt);
    const own = as === 'portrait' ? { webhookId, sequence, attempt } : { signingSecrets: [] };
    const response = await deliver(await signedRequest({ ...parts, ...own, body, nowMs: now() }));
    const { status } = response;
    const answer = await response.text();
    return { callback, attempt, status, answer, ok: judgeCallbackAnswer({ status, text: answer }, 'protocol').ok };
  };

  return {
    change(userId, changed) {
      const sequence = (sequences.get(userId) ?? 0) + 1;
      sequences.set(userId, sequence);
      made += 1;
      return { webhookId: `evt_${made}`, userId, sequence, body: profileBody({ userId, changed, atMs: now() + made }) };
    },
    send,
    async sendAll(callbacks, { times = 1, order = 'given', oneByOne = false, pause, random = Math.random } = {}) {
      const repeated = Array.from({ length: times }, () => callbacks).flat();
      const sent: Promise<SentAttempt>[] = [];
      for (const callback of arranged(repeated, order, random)) {
        await pause?.();
        const attempt = send(callback);
        sent.push(attempt);
        if (oneByOne) await attempt;
      }
      return await Promise.all(sent);
    },
    async sendUntilTaken(callback, most = 7) {
      for (let count = 1; ; count += 1) {
        const attempt = await send(callback);
        if (attempt.ok) return attempt;
        if (count === most)
          throw new Error(`not taken in ${most} attempts, at last: ${attempt.status} ${attempt.answer}`);
      }
    },
  };
}

function arranged<Value>(
  values: readonly Value[],
  order: SendAllOptions['order'],
  random: () => number,
): readonly Value[] {
  if (order === 'reversed') return values.toReversed();
  if (order === 'given') return values;
  return values
    .map((value) => ({ value, at: random() }))
    .sort((left, right) => left.at - right.at)
    .map(({ value }) => value);
}
