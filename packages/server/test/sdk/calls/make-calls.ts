/** A process that calls every method of an official package once, on one client, one after the other. */

import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import { installBrowserShim } from '../support/browser-shim.ts';
import type { ConnectionMoment, Frame } from '../support/frame.ts';
import { guardNetwork } from '../support/network-guard.ts';
import { recordedSocketClass } from '../support/recorded-socket.ts';
import { ARGUMENTS, type Stage } from './arguments.ts';
import type { CallsStart, End, Observation, Observed, Request } from './observation.ts';

interface Library {
  readonly TYPES: Stage['types'];
  readonly EVENT: Readonly<Record<string, string>>;
  create(options: object): Sdk;
}

type Sdk = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/** Less than the 15 s after which the SDK itself gives up. */
const CALL_MS = 5_000;
/** Sent by the SDK when it thinks fit, whatever is called. */
const UNASKED = ['heartbeat.alive', 'im_open_status.wshello', 'imopenstat.tim_web_report_v2'];
const LOGOUT = 'im_open_status.wslogout';
/** The last that a login asks for, a second later. */
const LAST_AT_LOGIN = 'im_sdk_config_mgr.fetch_imsdk_purchase_bitsv2';

const start: CallsStart = JSON.parse(process.argv[2] ?? '{}');
const frames: Frame[] = [];
const violations: string[] = [];
const warnings: string[] = [];
const uncaught: string[] = [];

function watch(): void {
  const onViolation = (text: string): unknown => violations.push(text);
  const onFrame = (frame: Frame | ConnectionMoment): void => {
    if (frame.kind === 'sent' || frame.kind === 'received') frames.push(frame);
  };
  const onUncaught = (error: unknown): unknown => uncaught.push(describe(error));
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', onUncaught);
  process.on('disconnect', () => process.exit());
  guardNetwork({ port: start.port, onViolation });
  installBrowserShim({
    WebSocket: recordedSocketClass({ port: start.port, onFrame, onViolation }),
    onViolation,
  });
  // what messages ask of a browser beyond that
  Object.assign(globalThis, { HTMLInputElement: class {} });
  Object.assign(Reflect.get(globalThis, 'document'), { charset: 'UTF-8' });
  for (const level of ['debug', 'log', 'info'] as const) console[level] = () => {};
  for (const level of ['warn', 'error'] as const) console[level] = (...parts) => warnings.push(parts.join(' '));
}

function describe(error: unknown): string {
  return error instanceof Error ? `${Reflect.get(error, 'code') ?? ''} ${error.stack}` : JSON.stringify(error);
}

/** Requests from this frame on, but for those that no call asked for. */
function requestsFrom(index: number): readonly Request[] {
  return requestsOf(frames.slice(index)).filter(({ servcmd }) => !UNASKED.includes(servcmd));
}

function requestsOf(some: readonly Frame[]): readonly Request[] {
  return some
    .filter(({ kind }) => kind === 'sent')
    .map(({ servcmd, seq }) => ({ servcmd, code: answerTo(seq)?.body.ErrorCode }));
}

function answerTo(seq: number): Frame | undefined {
  return frames.find((frame) => frame.kind === 'received' && frame.seq === seq);
}

async function untilAllAnswered(): Promise<void> {
  await turn();
  const open = (): readonly Request[] => requestsFrom(0).filter(({ code }) => code === undefined);
  await until(() => open().length === 0, { what: () => `answers to ${open().map(({ servcmd }) => servcmd)}` });
  await turn();
}

async function untilAtRest(): Promise<void> {
  const what = (): string => LAST_AT_LOGIN;
  await until(() => frames.some(({ kind, servcmd }) => kind === 'received' && servcmd === LAST_AT_LOGIN), { what });
  await untilAllAnswered();
}

watch();
const required = createRequire(import.meta.url)(start.script);
const library: Library = required.default ?? required;
const sdk = library.create({ SDKAppID: start.sdkAppId, proxyServer: `ws://127.0.0.1:${start.port}` });

/** Call it with its arguments, and wait for its end. */
async function end(method: string): Promise<Pick<Observation, 'isAsync' | 'end'>> {
  const called = Promise.withResolvers<End>();
  const stage: Stage = {
    types: library.TYPES,
    login: start.login,
    onSuccess: (value) => called.resolve(ok(value)),
    onError: (code, message) => called.resolve({ kind: 'failed', code, message }),
    message: (create, options, members) => Object.assign(sdk[create]?.(options) as object, members),
  };
  let isAsync = false;
  try {
    const returned = sdk[method]?.(...(ARGUMENTS[method]?.(stage) ?? []));
    isAsync = returned instanceof Promise;
    const ended = method.endsWith('Sync') ? called.promise : Promise.resolve(returned).then(ok);
    return { isAsync, end: await Promise.race([ended, impatience()]) };
  } catch (error) {
    const { code, message } = error as { readonly code?: number; readonly message: string };
    return { isAsync, end: { kind: 'failed', message, ...(code !== undefined && { code }) } };
  }
}

/** What the SDK gives may be its live cache: it is copied before it can change. */
function ok(value: unknown): End {
  return { kind: 'ok', value: JSON.parse(JSON.stringify(value ?? null)) };
}

async function impatience(): Promise<End> {
  return await new Promise((resolve) => setTimeout(resolve, CALL_MS, { kind: 'open' }).unref());
}

async function observe(method: string): Promise<Observation> {
  const from = frames.length;
  warnings.length = 0;
  uncaught.length = 0;
  const ended = await end(method);
  if (method === 'login') await untilAtRest();
  await untilAllAnswered();
  return { method, ...ended, requests: requestsFrom(from), warnings: [...warnings], uncaught: [...uncaught] };
}

/** A session that has hardly begun: what its login still asks for is left out, and not waited for. */
async function observeDestroy(): Promise<Observation> {
  const askedBefore = new Set(requestsOf(frames).map(({ servcmd }) => servcmd));
  askedBefore.delete(LOGOUT);
  await sdk.login?.(start.login);
  const from = frames.length;
  const ended = await end('destroy');
  const requests = requestsFrom(from).filter(({ servcmd }) => !askedBefore.has(servcmd));
  return { method: 'destroy', ...ended, requests, warnings: [], uncaught: [] };
}

async function observeAll(): Promise<Observed> {
  const methods = Object.keys(sdk).filter((name) => typeof sdk[name] === 'function');
  const calls: Observation[] = [];
  for (const method of Object.keys(ARGUMENTS)) {
    if (method !== 'destroy' && methods.includes(method)) calls.push(await observe(method));
  }
  // what was sent by itself may still be open
  const all = requestsOf(frames).filter(({ code }) => code !== undefined);
  calls.push(await observeDestroy());
  return { methods, calls, all, violations };
}

try {
  const observed = await observeAll();
  process.send?.(observed, () => process.exit());
} catch (error) {
  process.stderr.write(describe(error), () => process.exit(1));
}
