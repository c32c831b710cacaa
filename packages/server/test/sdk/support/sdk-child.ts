/** A process of its own for one client: an official package, unmodified, that does what the test sends it. */
import { createRequire } from 'node:module';
import { installBrowserShim } from './browser-shim.ts';
import type { ChildStart, Order, Report, ResultOf } from './message.ts';
import { guardNetwork } from './network-guard.ts';
import { recordedSocketClass } from './recorded-socket.ts';

/** What of the packages is used. */
interface SdkLibrary {
  readonly EVENT: Readonly<Record<string, string>>;
  create(options: object): Sdk;
}

interface Sdk {
  on(event: string, listener: (event: { readonly data: unknown }) => void): void;
  readonly [method: string]: unknown;
}

const { package: packageName, port }: ChildStart = JSON.parse(process.argv[2] ?? '{}');
let sdk: Sdk | undefined;

/** What the SDK returns may be its live cache: it is copied before it can change. */
function report(message: Report): void {
  process.send?.(JSON.parse(JSON.stringify(message, errorsToo)));
}

function errorsToo(_key: string, value: unknown): unknown {
  return value instanceof Error ? { ...value, name: value.name, message: value.message } : value;
}

function onViolation(text: string): void {
  report({ kind: 'violation', text });
}

function watchProcess(): void {
  const tell = (error: unknown): void => {
    const text = error instanceof Error ? `${error.stack} ${JSON.stringify(error)}` : JSON.stringify(error);
    report({ kind: 'uncaught', text });
  };
  process.on('uncaughtException', tell);
  process.on('unhandledRejection', tell);
  process.on('disconnect', () => process.exit());
}

function watchConsole(): void {
  for (const level of ['debug', 'log', 'info', 'warn', 'error'] as const) {
    console[level] = (...parts: unknown[]) =>
      report({ kind: 'line', line: { level, text: plain(parts), atMs: Date.now() } });
  }
}

/** The SDK colours its name: "%c Chat %c", two lists of CSS, the text. */
function plain(parts: readonly unknown[]): string {
  return (String(parts[0]).startsWith('%c') ? parts.slice(3) : parts).map(String).join(' ');
}

function create(library: SdkLibrary, options: object): void {
  sdk = library.create(options);
  for (const [name, event] of Object.entries(library.EVENT)) {
    sdk.on(event, ({ data }) => report({ kind: 'event', event: { name, data, atMs: Date.now() } }));
  }
}

async function call(method: string, args: readonly unknown[]): Promise<unknown> {
  const called = sdk?.[method];
  if (typeof called !== 'function') throw new Error(`the SDK has no method ${method}, or create() was not called`);
  return await Reflect.apply(called, sdk, await Promise.all(args.map(real)));
}

async function real(arg: unknown): Promise<unknown> {
  const { resultOf } = (arg ?? {}) as Partial<ResultOf>;
  if (resultOf === undefined) return arg;
  const [method, ...args] = resultOf;
  return await call(method, args);
}

async function obey(order: Order, library: SdkLibrary): Promise<void> {
  if (order.kind === 'exit') process.exit();
  const { id } = order;
  try {
    const value = order.kind === 'create' ? create(library, order.options) : await call(order.method, order.args);
    report({ kind: 'returned', id, value });
  } catch (error) {
    const { code, message } = error as { readonly code?: number; readonly message: string };
    report({ kind: 'threw', id, message, ...(code !== undefined && { code }) });
  }
}

watchProcess();
guardNetwork({ port, onViolation });
const onFrame = (frame: Extract<Report, { kind: 'frame' }>['frame']): void => report({ kind: 'frame', frame });
installBrowserShim({ WebSocket: recordedSocketClass({ port, onFrame, onViolation }), onViolation });
watchConsole();
const library: SdkLibrary = createRequire(import.meta.url)(packageName);
process.on('message', (order: Order) => obey(order, library));
report({ kind: 'started' });
