/** `/metrics`, for Prometheus. What writes the page is loaded at the first request: a server that nobody asks pays nothing. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from './log.ts';
import type { MetricsRegistry, ScrapeSources } from './scrape/registry.ts';

/** Whoever asks again within this time gets the same page: a flood costs no more than one scrape a second. */
const PAGE_LIFE_MS = 1_000;
const BEARER = /^Bearer +(\S+) *$/i;
const TEXT = 'text/plain; charset=utf-8';

/** What the page works with. */
export interface MetricsPageOptions {
  /** undefined: open to all */
  readonly token: string | undefined;
  readonly log: Log;
  readonly sources: ScrapeSources;
}

export function isMetricsRequest({ url }: IncomingMessage): boolean {
  return url === '/metrics' || (url?.startsWith('/metrics?') ?? false);
}

/** The page, once somebody asks for it. */
export class MetricsPage {
  readonly #options: MetricsPageOptions;
  readonly #expected: Buffer | undefined;
  #registry: Promise<MetricsRegistry> | undefined;
  #page: { readonly madeAt: number; readonly text: Promise<string> } | undefined;

  constructor(options: MetricsPageOptions) {
    this.#options = options;
    this.#expected = options.token === undefined ? undefined : digestOf(options.token);
  }

  /** The whole page or none of it. Never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return send(response, 405, 'expected the method GET\n', { Allow: 'GET, HEAD' });
    }
    if (!this.#isAllowed(request)) {
      const expected = 'expected the header "Authorization: Bearer <metrics token>"\n';
      return send(response, 401, expected, { 'WWW-Authenticate': 'Bearer' });
    }
    try {
      const text = await this.#text();
      send(response, 200, text, { 'Content-Type': (await this.#load()).contentType });
    } catch (error) {
      this.#options.log.error({ err: error }, 'metrics.fault');
      send(response, 500, 'the metrics can not be read\n');
    }
  }

  async close(): Promise<void> {
    (await this.#registry)?.close();
  }

  /** Digests are compared, so that neither content nor length of the token shows in the time it takes. */
  #isAllowed({ headers }: IncomingMessage): boolean {
    if (!this.#expected) return true;
    const token = BEARER.exec(headers.authorization ?? '')?.[1];
    return token !== undefined && timingSafeEqual(digestOf(token), this.#expected);
  }

  #text(): Promise<string> {
    const now = this.#options.sources.clock.monotonic();
    if (!this.#page || now - this.#page.madeAt >= PAGE_LIFE_MS) this.#page = { madeAt: now, text: this.#make() };
    return this.#page.text;
  }

  async #make(): Promise<string> {
    return (await this.#load()).page();
  }

  #load(): Promise<MetricsRegistry> {
    this.#registry ??= import('./scrape/registry.ts').then(
      (module) => new module.MetricsRegistry(this.#options.sources),
    );
    return this.#registry;
  }
}

function send(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Type': TEXT, 'Cache-Control': 'no-store', ...headers });
  response.end(text);
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
