/** A reader of server-sent events that can be held up and cut off at any byte. */
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { until } from '../until.ts';
import { atEnd, type Owner } from './cleanup.ts';
import { adminCall, type Reachable } from './test-app.ts';

/** One event that had data. */
export interface SseEvent {
  readonly id: string;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: what is expected of it stands in each test
  readonly data: any;
}

/** One connection. */
export class SseClient {
  readonly events: SseEvent[] = [];
  /** what a browser would resume by */
  lastId: string;
  /** events without data, heartbeats among them */
  places = 0;
  readonly #incoming: IncomingMessage;
  readonly #closed = Promise.withResolvers<void>();
  #text = '';

  private constructor(incoming: IncomingMessage, lastId: string) {
    this.#incoming = incoming;
    this.lastId = lastId;
    incoming.setEncoding('utf8');
    incoming.on('data', (text: string) => this.#take(text));
    incoming.on('error', () => undefined); // cut off is closed
    incoming.on('close', () => this.#closed.resolve());
  }

  /** @param path  behind `/admin/v1`. @param lastId  Last-Event-ID, empty = none */
  static open(owner: Owner, server: Reachable, path: string, lastId = ''): Promise<SseClient> {
    const headers = {
      authorization: `Bearer ${server.adminToken}`,
      accept: 'text/event-stream',
      ...(lastId && { 'last-event-id': lastId }),
    };
    return new Promise((resolve, reject) => {
      const request = get(`${server.url}/admin/v1${path}`, { headers, agent: false }, (incoming) => {
        const client = new SseClient(incoming, lastId);
        atEnd(owner, async () => client.cut());
        resolve(client);
      });
      request.on('error', reject);
    });
  }

  get status(): number {
    return this.#incoming.statusCode ?? 0;
  }

  get headers(): IncomingHttpHeaders {
    return this.#incoming.headers;
  }

  /** Read no further; what the sender has no room for stays with him. */
  hold(): void {
    this.#incoming.pause();
  }

  goOn(): void {
    this.#incoming.resume();
  }

  cut(): void {
    this.#incoming.destroy();
  }

  /** Wait for the end of the connection, from whichever side. */
  untilClosed(): Promise<void> {
    return this.#closed.promise;
  }

  async untilEvents(count: number): Promise<void> {
    await until(() => this.events.length >= count, { what: () => `${count} events, there are ${this.events.length}` });
  }

  /** What is not whole when the connection ends was not received, as the standard says. */
  #take(text: string): void {
    if (this.#incoming.destroyed) return;
    const blocks = (this.#text + text).split('\n\n');
    this.#text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
      this.lastId = fields.get('id') ?? this.lastId;
      const data = fields.get('data');
      if (data === undefined) this.places += 1;
      else this.events.push({ id: this.lastId, event: fields.get('event') ?? '', data: JSON.parse(data) });
    }
  }
}

/** What follows on `after`, page by page. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export async function readChanges(server: Reachable, sdkAppId: number, after = 'beginning'): Promise<any[]> {
  const items = [];
  for (let cursor = after; ; ) {
    const page = await adminCall(server, 'GET', `/apps/${sdkAppId}/changes?limit=1000&after=${cursor}`);
    if (page.status !== 200) throw new Error(page.text);
    items.push(...page.json.items);
    if (!page.json.hasMore) return items;
    cursor = page.json.nextCursor;
  }
}
