import { formatCallbackAnswer } from '@portrait/wire';
import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import { type ClientFlags, newClientCommand, openClient } from './client.ts';
import {
  anyText,
  checkedOption,
  duration,
  option,
  parseValue,
  repeatedOption,
  webAddress,
  wholeNumber,
} from './command-line.ts';
import { describeListenError } from './describe-listen-error.ts';
import { Failure } from './failure.ts';
import { checkCallback } from './listen/check-callback.ts';
import { type FailureFlags, planFailures, shareCheck } from './listen/failures.ts';
import type { Answer } from './listen/forward.ts';
import { History, type Place } from './listen/history.ts';
import { type Arrival, printCallback, printCallbackJson, SHOWN_BODY_CHARACTERS } from './listen/print-callback.ts';
import { type Incoming, startReceiver } from './listen/receiver.ts';
import { givenSecrets, type SecretSource, ServerSecrets } from './listen/secret-source.ts';
import { print, printable } from './output.ts';
import { nextStopSignal } from './stop-signal.ts';

interface Flags extends ClientFlags, FailureFlags {
  readonly host: string;
  readonly delay?: number;
  readonly forward?: string;
  readonly token?: string;
  readonly signingSecret?: readonly string[];
  readonly verify: boolean;
}

const DEFAULT_PORT = '9000';

/** `portrait listen [port]`. */
export function listen(summary: string): Command {
  return newClientCommand('listen', {
    summary: `${summary}; ends with Ctrl-C`,
    withoutApp: true,
    examples: ['portrait listen 9000', 'portrait listen 9000 --fail 500 --fail-count 2 --delay 3s'],
  })
    .argument('[port]', `where to listen, 0 for any free port (default: ${DEFAULT_PORT})`)
    .addOption(option('--host <address>', 'address to listen on').default('127.0.0.1'))
    .addOption(
      checkedOption('--fail <status>', 'answer each with this HTTP status and ErrorCode 1', wholeNumber(200, 599)),
    )
    .addOption(checkedOption('--fail-count <number>', 'fail only the first so many', wholeNumber(1, 1_000_000)))
    .addOption(checkedOption('--fail-share <percent>', 'fail only this share, such as 30%, spread evenly', shareCheck))
    .addOption(checkedOption('--delay <duration>', 'wait before each answer, such as 3s', duration('0ms', '1h')))
    .addOption(checkedOption('--forward <url>', 'post each on to this receiver and answer as it does', webAddress))
    .addOption(option('--token <token>', "the endpoint's token (default: asked from the server)"))
    .addOption(
      repeatedOption(
        '--signing-secret <secret>',
        "the endpoint's whsec_… or whpk_… (default: asked from the server)",
        anyText,
      ),
    )
    .addOption(option('--no-verify', 'do not look at signatures'))
    .action(listenForCallbacks);
}

async function listenForCallbacks(rawPort: string | undefined, flags: Flags): Promise<void> {
  const stopped = nextStopSignal();
  const desk: Desk = { flags, history: new History(), nextFailure: planFailures(flags) };
  const port = parseValue('<port>', rawPort ?? DEFAULT_PORT, wholeNumber(0, 65_535));
  let secrets: SecretSource | undefined;
  const receiver = await startReceiver({
    host: flags.host,
    port,
    onCallback: (callback) => answerCallback(callback, desk, secrets),
    onRefused: (what) => printNote(flags, 'refused', what),
  }).catch((error: unknown) => {
    throw new Failure(describeListenError(error, flags.host, port) ?? String(error), { cause: error });
  });
  try {
    secrets = openSecrets(flags, receiver.port);
    printStart(flags, receiver.port);
    await secrets?.refresh();
    printSecrets(flags, secrets);
    await stopped;
  } finally {
    await receiver.close();
  }
}

/** @returns undefined if signatures aren't looked at */
function openSecrets(flags: Flags, port: number): SecretSource | undefined {
  if (!flags.verify) return undefined;
  const { token, signingSecret } = flags;
  if (token !== undefined || signingSecret !== undefined) {
    return givenSecrets({ tokens: token ? [token] : [], signingSecrets: signingSecret ?? [] });
  }
  return new ServerSecrets(openClient(flags), port);
}

function printStart({ host, json }: Flags, port: number): void {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (json) print(JSON.stringify({ kind: 'listening', url }));
  else print(`Listening for callbacks on ${url} (any path). Ctrl-C ends it.`);
}

function printSecrets({ json }: Flags, secrets: SecretSource | undefined): void {
  const origin = secrets?.origin();
  const why = secrets ? secrets.reason() : 'as --no-verify says';
  if (json) print(JSON.stringify({ kind: 'verifying', with: origin ?? null, ...(origin === undefined && { why }) }));
  else if (origin !== undefined) print(`They are verified with the secrets of ${origin}.`);
  else print(`They are not verified${secrets ? ' yet' : ''}: ${why}`);
}

function printNote({ json }: Flags, kind: string, detail: string): void {
  print(json ? JSON.stringify({ kind, detail }) : printable(detail));
}

/** What all callbacks share. */
interface Desk {
  readonly flags: Flags;
  readonly history: History;
  /** @returns the status to fail the next one with, if it is to fail */
  readonly nextFailure: () => number | undefined;
}

async function answerCallback(
  callback: Incoming,
  { flags, history, nextFailure }: Desk,
  secrets: SecretSource | undefined,
): Promise<Answer> {
  const atMs = systemClock.now();
  const fail = nextFailure();
  const body = callback.body.toString('utf8');
  const checked = await checkCallback({ url: callback.url, headers: callback.headers, body }, secrets, atMs);
  const { content, signature } = checked;
  // what somebody else made up must not look like a repeat of the real one
  const place: Place = content.ok && signature.kind !== 'bad' ? history.place(content) : {};
  const show = (answer: Arrival['answer']) =>
    (flags.json ? printCallbackJson : printCallback)({ ...checked, atMs, place, body, answer });
  if (flags.forward === undefined || fail !== undefined) {
    const { status, contentType, ...answer } = ownAnswer(fail, flags.delay);
    show({ status, note: answer.note });
    await wait(callback, flags.delay);
    if (callback.signal.aborted) printNote(flags, 'hung-up', 'The sender hung up before it was answered.');
    return { status, contentType, body: answer.body };
  }
  await wait(callback, flags.delay);
  const { forwardCallback } = await import('./listen/forward.ts');
  const answer = await forwardCallback(flags.forward, callback);
  show(shownAnswer(answer));
  return answer;
}

/** What the other receiver answered; that it did not answer stands in the note. */
function shownAnswer({ status, note, contentType, body, durationMs }: Answer): Arrival['answer'] {
  if (durationMs === undefined) return { status, note };
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
  return { status, note, contentType, body: text.slice(0, SHOWN_BODY_CHARACTERS), durationMs };
}

function ownAnswer(fail: number | undefined, delay: number | undefined): Answer {
  const note = delay ? `after ${delay} ms` : undefined;
  const contentType = 'application/json';
  if (fail === undefined) return { status: 200, contentType, body: formatCallbackAnswer(true), note };
  return { status: fail, contentType, body: formatCallbackAnswer(false, `portrait listen --fail ${fail}`), note };
}

async function wait({ signal }: Incoming, delayMs = 0): Promise<void> {
  if (delayMs > 0) await systemClock.sleep(delayMs, signal);
}
