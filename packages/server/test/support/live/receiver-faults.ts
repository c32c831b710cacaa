/** Every way in which a receiver can fail, and an app with a receiver that does. */
import assert from 'node:assert/strict';
import { until } from '../until.ts';
import type { Owner } from './cleanup.ts';
import { fastClock } from './fast-clock.ts';
import { type FaultyLine, type LineFault, startFaultyLine } from './faulty-line.ts';
import { HistoryChecker } from './history-checker.ts';
import { fail, HANG, ok, RESET, type Receiver, type ReceiverAnswer, startReceiver, status, text } from './receiver.ts';
import { recordedSet } from './recorded-set.ts';
import type { TestApp, TestEndpoint } from './test-app.ts';
import { startTestServer } from './test-server.ts';

const TOKEN = 'fault-token';
/** Who the changes are of. */
export const USERS = Array.from({ length: 6 }, (_, number) => `id${number}`);
/** Pauses of a minute are over in 2 s then, and an attempt has 1 s of real time. */
const TIMES = 30;
const TIMEOUT_MS = 30_000;

/** What a receiver does wrong. */
export interface ReceiverFault {
  readonly name: string;
  readonly line?: LineFault;
  readonly answer?: ReceiverAnswer;
  readonly isTls?: boolean;
  /** as the delivery log names it */
  readonly reason: string;
  readonly stage?: string;
  readonly detail?: RegExp;
}

const HALF: ReceiverAnswer = { kind: 'answer', status: 200, body: '{"ErrorCode":', isHalf: true };
const CERTIFICATE = { isTls: true, reason: 'tls', stage: 'tls' } as const;

/** All of them. */
export const FAULTS: readonly ReceiverFault[] = [
  { name: 'refuses connections', line: 'refuses', reason: 'connect', stage: 'connect' },
  { name: 'hangs up at once', line: 'hangs up', reason: 'connect' },
  { name: 'takes connections and is silent', line: 'is silent', reason: 'timeout', stage: 'answer' },
  { name: 'never answers', answer: HANG, reason: 'timeout', stage: 'answer' },
  { name: 'answers by half', answer: HALF, reason: 'timeout', stage: 'body' },
  { name: 'resets the connection', answer: RESET, reason: 'connect', stage: 'answer' },
  { name: 'breaks within its answer', line: 'breaks in an answer', reason: 'connect', stage: 'body' },
  { name: 'talks no HTTP', line: 'talks nonsense', reason: 'connect', stage: 'body' },
  { name: 'sends a head without end', line: 'never ends a head', reason: 'connect', stage: 'body' },
  { name: 'sends a body without end', line: 'never ends a body', reason: 'body-too-large' },
  { name: 'answers FAIL', answer: fail(), reason: 'rejected' },
  { name: 'answers HTML', answer: text('<p>Welcome!</p>'), reason: 'not-json' },
  { name: 'answers nothing', answer: text(''), reason: 'not-json' },
  { name: 'answers 404', answer: status(404), reason: 'status' },
  { name: 'answers 500', answer: status(500), reason: 'status' },
  { name: 'answers 429', answer: status(429, { 'retry-after': '1' }), reason: 'status' },
  { name: 'sends elsewhere', answer: status(307, { location: 'http://127.0.0.1:1/' }), reason: 'redirect' },
  { name: 'is gone', answer: status(410), reason: 'status' },
  { name: 'hangs up before TLS', line: 'hangs up', isTls: true, reason: 'connect', stage: 'tls' },
  { name: 'hangs in the TLS handshake', line: 'is silent', isTls: true, reason: 'timeout', stage: 'tls' },
  { name: 'speaks no TLS', line: 'speaks no TLS', ...CERTIFICATE },
  { name: 'has an expired certificate', line: 'has an expired certificate', ...CERTIFICATE, detail: /run out/ },
  { name: 'has a certificate for another name', line: "has another's certificate", ...CERTIFICATE },
  { name: 'has an unknown authority', line: 'has a certificate of an unknown authority', ...CERTIFICATE },
  { name: 'wants a client certificate', line: 'wants a client certificate', isTls: true, reason: 'tls' },
  {
    name: 'breaks within its answer, over TLS',
    line: 'breaks in an answer',
    isTls: true,
    reason: 'connect',
    stage: 'body',
  },
];

/** An app with an endpoint at the end of a line that can break, and another one that works. */
export async function prepareFaulty(owner: Owner, { isTls = false }: { readonly isTls?: boolean }) {
  const [receiver, other] = [await startReceiver(owner), await startReceiver(owner)];
  const line = await startFaultyLine(owner, receiver, { isTls });
  const server = await startTestServer(owner, { clock: fastClock(TIMES) });
  const app = await server.createApp();
  const settings = { token: TOKEN, timeoutMs: TIMEOUT_MS, maxAttempts: 50 };
  const endpoint = await app.addEndpoint(line.url, { ...settings, ...(isTls && { tls: { ca: line.ca } }) });
  const healthy = await app.addEndpoint(other.url, settings);
  const checkers = [checkerOf(app, endpoint, receiver), checkerOf(app, healthy, other)] as const;
  await app.importUsers(...USERS);
  return { receiver, other, line, app, endpoint, checkers };
}

function checkerOf(
  app: TestApp,
  { signingSecrets: [signingSecret = ''] }: TestEndpoint,
  receiver: Receiver,
): HistoryChecker {
  const checker = new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
  receiver.onCallback = checker.received;
  return checker;
}

/** A change of each user, which must be acknowledged. */
export async function changeAll(app: TestApp, checkers: readonly HistoryChecker[], label: string): Promise<void> {
  const [first, ...others] = checkers;
  assert.ok(first);
  await Promise.all(
    USERS.map(async (userId) => {
      const value = `${userId} ${label}`;
      const tells = others.map((checker) => checker.sent(userId, value));
      const outcome = await recordedSet(app, first, { userId, value });
      for (const tell of tells) tell(outcome);
      assert.equal(outcome, 'acknowledged');
    }),
  );
}

/** From now on this is wrong, or nothing. */
export async function applyFault(
  fault: ReceiverFault | undefined,
  { line, receiver }: { line: FaultyLine; receiver: Receiver },
): Promise<void> {
  receiver.script = () => fault?.answer ?? ok();
  if (fault?.line) await line.break(fault.line);
  else await line.mend();
}

/** Wait until all that was acknowledged was accepted. */
export async function untilAllAccepted(
  checkers: readonly HistoryChecker[],
  withinMs: number,
  hint: string,
): Promise<void> {
  await until(() => checkers.every((checker) => checker.isAllAccepted), {
    what: () => `${checkers.map((checker) => checker.missing().length)} changes to arrive ${hint}`,
    withinMs,
  });
}
