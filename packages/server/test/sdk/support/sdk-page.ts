/** An official client in a page of a real browser. */
import assert from 'node:assert/strict';
import type { BrowserContext, Page, WebSocket } from 'playwright-core';
import { atEnd, type Owner } from '../../support/live/cleanup.ts';
import { GLOBALS, type TestBrowser } from './browser.ts';
import { decodeFrame, type Frame } from './frame.ts';
import { RecordedClient, type SdkClientOptions } from './recorded-client.ts';
import { createOptions } from './sdk-client.ts';
import { SdkError } from './sdk-error.ts';
import { addWitness } from './witness.ts';

/** How a page is opened. */
export interface SdkPageOptions extends SdkClientOptions {
  readonly browser: TestBrowser;
  /** default: one of its own */
  readonly context?: BrowserContext;
}

/** Open a page, and `create()` a client in it. Its owner closes the page. */
export async function openSdkPage(owner: Owner, { browser, context, ...options }: SdkPageOptions): Promise<SdkPage> {
  const own = context ?? (await browser.newContext());
  if (!context) atEnd(owner, () => own.close());
  const page = await own.newPage();
  atEnd(owner, () => page.close());
  const client = new SdkPage(page, browser, options);
  addWitness(owner, client);
  await client.open();
  return client;
}

/** What the page's own functions give: errors don't cross with their code. */
type Settled = { readonly value?: unknown } | { readonly code?: number; readonly message: string };

/** One page. */
export class SdkPage extends RecordedClient {
  readonly #page: Page;
  readonly #browser: TestBrowser;
  #connections = 0;

  constructor(page: Page, browser: TestBrowser, options: SdkClientOptions) {
    super(options);
    this.#page = page;
    this.#browser = browser;
  }

  /** Load the page and create the client. */
  async open(): Promise<void> {
    await this.#watch();
    await this.#page.goto(`${this.#browser.origin}/?${encodeURIComponent(this.#package)}`);
    await this.create();
  }

  /** As the user does: the page starts anew, localStorage stays. Nobody is logged in after it. */
  async reload(): Promise<void> {
    await this.#page.reload();
    await this.create();
  }

  /** Leave for an empty page; the client is gone without a word. */
  async leave(): Promise<void> {
    await this.#page.goto('about:blank');
  }

  /** Come back from there: the page starts anew, localStorage stays. */
  async come(): Promise<void> {
    await this.#page.goBack();
    await this.create();
  }

  async create(): Promise<void> {
    await this.#page.evaluate(
      ({ global, options }) => {
        // biome-ignore lint/suspicious/noExplicitAny: globals of the page
        const page = window as any;
        page.sdk = page[global].create(options);
        for (const [name, event] of Object.entries(page[global].EVENT)) {
          page.sdk.on(event, ({ data }: { data: unknown }) => page.tell(name, JSON.stringify(data) ?? 'null'));
        }
      },
      { global: GLOBALS[this.#package], options: createOptions(this.options) },
    );
  }

  // biome-ignore lint/suspicious/noExplicitAny: results are the SDK's; tests look into them
  override async call(method: string, ...args: readonly unknown[]): Promise<any> {
    const settled: Settled = await this.#page.evaluate(
      async ({ method, args }) => {
        try {
          // biome-ignore lint/suspicious/noExplicitAny: globals of the page
          const value = await (window as any).sdk[method](...args);
          return { value: value === undefined ? undefined : JSON.parse(JSON.stringify(value)) };
        } catch (error) {
          const { code, message } = error as { code?: number; message: string };
          return { message, ...(code !== undefined && { code }) };
        }
      },
      { method, args },
    );
    if ('message' in settled) throw new SdkError(settled.message, settled.code);
    return settled.value;
  }

  /** Keys and values of the page's localStorage. */
  async storage(): Promise<Readonly<Record<string, string>>> {
    return await this.#page.evaluate(() => ({ ...localStorage }));
  }

  override assertClean(): void {
    super.assertClean();
    assert.deepEqual(this.#browser.violations, [], 'the browser speaks to nobody outside');
  }

  get #package(): keyof typeof GLOBALS {
    return this.options.package ?? '@tencentcloud/chat';
  }

  async #watch(): Promise<void> {
    const page = this.#page;
    const allowed = [`${this.#browser.origin}/`, `blob:${this.#browser.origin}/`, 'data:', 'about:'];
    await page.exposeFunction('tell', (name: string, data: string) =>
      this.keep({ kind: 'event', event: { name, data: JSON.parse(data), atMs: Date.now() } }),
    );
    page.on('request', (request) => {
      if (allowed.some((start) => request.url().startsWith(start))) return;
      this.keep({ kind: 'violation', text: `${request.method()} ${request.url()}` });
    });
    await page.route(
      (url) => !allowed.some((start) => url.href.startsWith(start)),
      (route) => route.abort(),
    );
    page.on('websocket', (socket) => this.#watchSocket(socket));
    page.on('console', (line) => {
      const text = line.text().replace(/^%c .*?background:transparent /, '');
      this.keep({ kind: 'line', line: { level: line.type(), text, atMs: Date.now() } });
    });
    page.on('pageerror', (error) => this.keep({ kind: 'uncaught', text: String(error.stack ?? error) }));
  }

  /** Sockets of the SDK live in a worker of its own; the browser tells of these as well. */
  #watchSocket(socket: WebSocket): void {
    this.#connections += 1;
    const connection = this.#connections;
    const { url } = this.options;
    if (!socket.url().startsWith(`${url.replace(/^http/, 'ws')}/`)) {
      this.keep({ kind: 'violation', text: `WebSocket ${socket.url()}` });
    }
    const moment = { atMs: Date.now(), connection };
    this.keep({ kind: 'frame', frame: { ...moment, kind: 'opened', text: socket.url() } });
    const tell = (kind: Frame['kind'], payload: string | Buffer): void =>
      this.keep({ kind: 'frame', frame: decodeFrame(payload, { kind, atMs: Date.now(), connection }) });
    socket.on('framesent', ({ payload }) => tell('sent', payload));
    socket.on('framereceived', ({ payload }) => tell('received', payload));
    socket.on('close', () =>
      this.keep({ kind: 'frame', frame: { kind: 'closed', text: '', atMs: Date.now(), connection } }),
    );
  }
}
