/** A client of the WebSocket door that sends what the test says, frame by frame. */
import assert from 'node:assert/strict';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { type RawData, WebSocket } from 'ws';
import { until } from '../until.ts';
import { atEnd, type Owner } from './cleanup.ts';
import type { WireItem } from './test-app.ts';
import { type SigningApp, userSigOf } from './user-sig.ts';

/** A frame as it came. */
export interface ReceivedFrame {
  readonly form: 'text' | 'binary' | 'compressed';
  /** on the wire */
  readonly bytes: number;
  readonly head: { readonly servcmd: string; readonly seq: number };
  readonly body: FrameBody;
}

/** The body of a reply or a push. */
export interface FrameBody {
  readonly ActionStatus?: string;
  readonly ErrorCode?: number;
  readonly ErrorInfo?: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of many commands, looked into by tests
  readonly [member: string]: any;
}

/** How a client connects. */
export interface RawClientOptions {
  readonly path?: '/binfo' | '/info';
  /** parameters to set or, with undefined, to leave out; the SDKAppID and platform 7 are there by default */
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: OutgoingHttpHeaders;
}

/** How a login differs from that of the web page of a user who has a UserSig of now. */
export interface LoginOptions {
  /** members of the head, `identifier` and `usersig` among them; undefined leaves one out */
  readonly head?: Readonly<Record<string, unknown>>;
  readonly body?: object;
}

/** What a logged-in client shows with every frame. */
export interface ClientLogin {
  readonly a2: string;
  readonly tinyId: string;
  readonly instId: number;
}

/** A connection that was refused: with HTTP, before it was one. */
export class ClientRefusedError extends Error {
  override readonly name = 'ClientRefusedError';
  readonly status: number;
  readonly text: string;

  constructor(status: number, text: string) {
    super(`the server refused the WebSocket with HTTP ${status}: ${text}`);
    this.status = status;
    this.text = text;
  }
}

const PROFILE_PUSH = 'im_open_push.msg_push';
const KICK_PUSH = 'im_open_status.stat_forceoffline';
const FIRST_SEQ = 26_362_460;

/** Where the client connects to, and for which app. */
export interface ClientPlace {
  readonly server: { readonly port: number };
  readonly app: SigningApp;
}

/** Open a connection that its owner cuts off. @throws ClientRefusedError */
export async function openRawClient(
  owner: Owner,
  { server, app }: ClientPlace,
  options: RawClientOptions = {},
): Promise<RawClient> {
  const { path = '/binfo', query = {}, headers = {} } = options;
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ sdkappid: String(app.sdkAppId), platform: '7', ...query })) {
    if (value !== undefined) parameters.set(name, value);
  }
  const url = `ws://127.0.0.1:${server.port}${path}?${parameters}`;
  const socket = new WebSocket(url, { perMessageDeflate: false, headers });
  const client = new RawClient(socket, app, path === '/binfo');
  await opened(socket);
  atEnd(owner, async () => client.terminate());
  return client;
}

/** Open a connection and log a user in on it. */
export async function loginRawClient(
  owner: Owner,
  place: ClientPlace,
  options: RawClientOptions & LoginOptions & { readonly userId: string },
): Promise<RawClient> {
  const client = await openRawClient(owner, place, options);
  await client.login(options.userId, options);
  return client;
}

/** One connection. Everything waits by condition, and gives up at once when the connection is closed. */
export class RawClient {
  /** all that came, oldest first */
  readonly frames: ReceivedFrame[] = [];
  /** shown with each frame from the login on; may be set to what another connection was given */
  loggedIn: ClientLogin | undefined;
  readonly socket: WebSocket;
  readonly #app: SigningApp;
  readonly #isBinary: boolean;
  #seq = FIRST_SEQ;
  #closed: { readonly code: number; readonly reason: string } | undefined;

  constructor(socket: WebSocket, app: SigningApp, isBinary: boolean) {
    this.socket = socket;
    this.#app = app;
    this.#isBinary = isBinary;
    socket.on('message', (data, isBinaryFrame) => this.frames.push(decode(data, isBinaryFrame)));
    socket.on('close', (code, reason) => {
      this.#closed = { code, reason: reason.toString() };
    });
    socket.on('error', () => undefined); // what broke it follows as close
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Pushes of changed profiles, oldest first: value of each tag. */
  get pushes(): readonly Readonly<Record<string, unknown>>[] {
    return this.frames.filter(({ head }) => head.servcmd === PROFILE_PUSH).map(({ body }) => itemsOf(body));
  }

  /** The kick, if one came: its `KickoutMsgNotify`. */
  get kick(): Readonly<Record<string, unknown>> | undefined {
    const frame = this.frames.find(({ head }) => head.servcmd === KICK_PUSH);
    return frame?.body.EventArray[0].C2cNotifyMsgArray[0].KickoutMsgNotify;
  }

  /** Send bytes as they are, as text if they are a string. */
  sendRaw(data: string | Uint8Array): void {
    this.socket.send(data);
  }

  /** Send a request. @param head  changed members; undefined leaves one out. @returns its seq */
  send(servcmd: string, body: unknown = {}, head: Readonly<Record<string, unknown>> = {}): number {
    this.#seq += 1;
    const seq = this.#seq;
    const who = this.loggedIn && { a2: this.loggedIn.a2, tinyid: this.loggedIn.tinyId };
    const common = { ver: 'v4', platform: 7, sdkappid: this.#app.sdkAppId, contenttype: 'json', cs: 0 };
    const status_instid = this.loggedIn?.instId ?? 0;
    const text = JSON.stringify({ head: { ...common, status_instid, ...who, servcmd, seq, ...head }, body });
    this.sendRaw(this.#isBinary ? Buffer.from(text) : text);
    return seq;
  }

  /** Send a request and wait for its reply. @returns the body */
  async request(servcmd: string, body?: unknown, head?: Readonly<Record<string, unknown>>): Promise<FrameBody> {
    const seq = this.send(servcmd, body, head);
    return await this.untilReplied(servcmd, seq);
  }

  /** Wait for the reply to a request. @returns the body */
  async untilReplied(servcmd: string, seq: number): Promise<FrameBody> {
    const { body } = await this.untilReceived(({ head }) => head.servcmd === servcmd && head.seq === seq, servcmd);
    return body;
  }

  /** Wait for a frame, which may have come already. */
  async untilReceived(isIt: (frame: ReceivedFrame) => boolean, what: string): Promise<ReceivedFrame> {
    return await until(() => this.#find(() => this.frames.find(isIt), what), { what: () => `the frame ${what}` });
  }

  /** Wait until a push has told of this value; the newest one counts. */
  async untilPushed(tag: string, value: unknown): Promise<void> {
    const isThere = (): boolean => this.pushes.findLast((items) => Object.hasOwn(items, tag))?.[tag] === value;
    await until(() => this.#find(isThere, `push of ${tag}`), {
      what: () => `a push that ${tag} is ${value}, got ${JSON.stringify(this.pushes)}`,
    });
  }

  /** Wait for a kick. @returns its `KickoutMsgNotify` */
  async untilKicked(): Promise<Readonly<Record<string, unknown>>> {
    return await until(() => this.#find(() => this.kick, 'kick'), { what: () => 'a kick' });
  }

  /** Wait until the connection has ended. @returns code and reason of the close frame; 1006 = there was none */
  async untilClosed(): Promise<{ readonly code: number; readonly reason: string }> {
    return await until(() => this.#closed, { what: () => 'the end of a connection', withinMs: 40_000 });
  }

  /** `wslogin`, which may fail. @returns the reply */
  tryLogin(userId: string, { head = {}, body = {} }: LoginOptions = {}): Promise<FrameBody> {
    const who = { a2: undefined, tinyid: undefined, identifier: userId, usersig: userSigOf(this.#app, userId) };
    const state = { State: 'Online', is_web_uniapp: 0, InstType: 0, CustomInfo: '', ...body };
    return this.request('im_open_status.wslogin', state, { status_instid: 0, ...who, ...head });
  }

  /** `wslogin` with a UserSig, which must succeed; from now on its a2 is shown. */
  async login(userId: string, options?: LoginOptions): Promise<ClientLogin> {
    const reply = await this.tryLogin(userId, options);
    assert.equal(reply.ErrorCode, 0, JSON.stringify(reply));
    const { A2Key: a2, TinyId: tinyId, InstId: instId } = reply;
    this.loggedIn = { a2, tinyId, instId };
    return this.loggedIn;
  }

  /** `wslogin` with the a2 of an earlier login, as the SDK sends it on a new connection. @returns the reply */
  relogin(login: ClientLogin, options: LoginOptions = {}): Promise<FrameBody> {
    this.loggedIn = login;
    return this.request('im_open_status.wslogin', { State: 'Online', ...options.body }, options.head);
  }

  /** `portrait_set` of a user by himself. @returns the reply */
  set(userId: string, items: readonly WireItem[]): Promise<FrameBody> {
    return this.request('profile.portrait_set', { From_Account: userId, ProfileItem: items });
  }

  /** Close with a handshake. */
  async close(): Promise<void> {
    this.socket.close();
    await this.untilClosed();
  }

  /** Cut the connection off. */
  terminate(): void {
    this.socket.terminate();
  }

  #find<T>(look: () => T, what: string): T {
    const found = look();
    if (!found && this.#closed)
      throw new Error(`closed with ${JSON.stringify(this.#closed)} while waiting for ${what}`);
    return found;
  }
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => reject(new ClientRefusedError(response.statusCode ?? 0, text)));
    });
  });
}

function decode(data: RawData, isBinary: boolean): ReceivedFrame {
  const bytes = data as Buffer;
  const isCompressed = isBinary && bytes.subarray(0, 4).toString('latin1') === 'COMP';
  const text = isCompressed ? gunzipSync(bytes.subarray(4)).toString() : bytes.toString();
  const form = isCompressed ? 'compressed' : isBinary ? 'binary' : 'text';
  return { form, bytes: bytes.length, ...JSON.parse(text) };
}

function itemsOf({ EventArray }: FrameBody): Record<string, unknown> {
  const list = EventArray[0].ProfileDataMod[0].ProfileList as readonly Record<string, unknown>[];
  return Object.fromEntries(list.map(({ Tag, ValueBytes, ValueNum }) => [Tag, ValueBytes ?? ValueNum]));
}
