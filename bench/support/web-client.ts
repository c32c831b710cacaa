/** A client as Tencent's Web SDK is on the wire: what it sends, and when. Holds no profile and never comes back by itself. */
import { once } from 'node:events';
import { WebSocket } from 'ws';

/** What the SDK asks right behind a login, all at once. */
const START: readonly (readonly [servcmd: string, body: object])[] = [
  ['sns.black_list_get', { StartIndex: 0, MaxLimited: 1_000 }],
  ['recentcontact.page_get', { TimeStamp: 0, StartIndex: 0, TopTimeStamp: 0, TopStartIndex: 0, OrderType: 1 }],
  ['group_open_http_svc.get_joined_group_list', { Limit: 200, Offset: 0 }],
  ['openim.getmsg', { Cookie: '', SyncFlag: 0, IsOnlineSync: 0 }],
  ['sns.friend_get', { StartIndex: 0, StandardSequence: 0, CustomSequence: 0 }],
  ['sns.group_get', { LastSequence: 0, NeedFriend: 'Need_Friend_Type_Yes' }],
  ['sns.pendency_get', { PendencyType: 'Pendency_Type_ComeIn', StartTime: 0, MaxLimited: 100, LastSequence: 0 }],
  ['im_sdk_config_mgr.fetch_config', { uint64_version: 0 }],
  ['recentcontact.get_contact_group', { StartIndex: 0 }],
  ['million_group_open_http_svc.get_joined_group_list', { Limit: 200, Offset: 0 }],
  // the SDK waits a second with this one
  ['im_sdk_config_mgr.fetch_imsdk_purchase_bitsv2', {}],
];
const HEARTBEAT_MS = 10_000;
/** A hello comes with every second heartbeat: 20 s. */
const HEARTBEATS_TO_HELLO = 2;

/** The body of a frame. */
// biome-ignore lint/suspicious/noExplicitAny: frames are looked at by hand here
export type FrameBody = any;

/** Where a client connects to, and as whom. */
export interface WebClientOptions {
  readonly port: number;
  readonly sdkAppId: number;
  readonly userId: string;
  readonly userSig: string;
  /** to connect from, such as 127.0.0.2 */
  readonly localAddress?: string;
}

interface Pending {
  readonly resolve: (body: FrameBody) => void;
  readonly reject: (error: Error) => void;
}

/** One client. */
export class WebClient {
  /** gets what comes unasked */
  onPush: (body: FrameBody) => void = () => undefined;
  readonly #options: WebClientOptions;
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, Pending>();
  #seq = 10_000_000 + Math.floor(Math.random() * 80_000_000);
  #identity: object;
  #heartbeat: NodeJS.Timeout | undefined;

  private constructor(options: WebClientOptions) {
    this.#options = options;
    this.#identity = { status_instid: 0, identifier: options.userId, usersig: options.userSig };
    const instanceId = `${this.#seq}`.padStart(32, '0');
    const query = `sdkappid=${options.sdkAppId}&instanceid=${instanceId}&random=${Math.random()}&platform=7&host=unknown`;
    this.#socket = new WebSocket(
      `ws://127.0.0.1:${options.port}/binfo?${query}&version=-1&sdkversion=3.6.6&compress=gzip`,
      { perMessageDeflate: false, ...(options.localAddress && { localAddress: options.localAddress }) },
    );
    this.#socket.on('message', (data) => this.#receive(String(data)));
    this.#socket.once('close', () => this.#end());
    // once connected, `close` follows
    this.#socket.on('error', () => undefined);
  }

  /** Connect. @throws Error if the server refuses */
  static async connect(options: WebClientOptions): Promise<WebClient> {
    const client = new WebClient(options);
    await once(client.#socket, 'open');
    return client;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Send a request. @returns the reply's body. @throws Error if it has an error code, or the connection ends */
  request(servcmd: string, body: object = {}): Promise<FrameBody> {
    this.#seq += 1;
    const seq = this.#seq;
    const head = {
      ver: 'v4',
      platform: 7,
      websdkappid: 537_048_168,
      websdkversion: '1.7.3',
      ...this.#identity,
      sdkappid: this.#options.sdkAppId,
      contenttype: 'json',
      reqtime: Math.floor(Date.now() / 1_000),
      sdkability: 75_689_843,
      sdkability_ext: '',
      cappid: 0,
      cs: 0,
      servcmd,
      seq,
    };
    return new Promise((resolve, reject) => {
      this.#pending.set(seq, { resolve, reject });
      this.#socket.send(Buffer.from(JSON.stringify({ head, body })));
    });
  }

  /** Log in, the first heartbeat beside it. @throws Error as `request` */
  async logIn(): Promise<void> {
    const login = { State: 'Online', is_web_uniapp: 0, InstType: 0, CustomInfo: '' };
    const [reply] = await Promise.all([this.request('im_open_status.wslogin', login), this.request('heartbeat.alive')]);
    this.#identity = { status_instid: reply.InstId, a2: reply.A2Key, tinyid: reply.TinyId };
  }

  /** All that the SDK asks behind a login. @throws Error as `request` */
  async startUp(): Promise<void> {
    const { userId, sdkAppId } = this.#options;
    const self = { To_Account: userId, StandardSequence: 0, CustomSequence: 0 };
    await Promise.all([
      this.request('profile.portrait_get_all', { From_Account: userId, UserItem: [self] }),
      ...START.map(([servcmd, body]) =>
        this.request(servcmd, { From_Account: userId, uint32_sdkappid: sdkAppId, ...body }),
      ),
    ]);
  }

  /** Send heartbeats and hellos from now on, as long as the connection lasts. @param onFault  gets a refused one */
  keepAlive(onFault: (error: unknown) => void): void {
    let beats = 0;
    this.#heartbeat = setInterval(() => {
      beats += 1;
      this.request('heartbeat.alive').catch(onFault);
      if (beats % HEARTBEATS_TO_HELLO === 0) {
        this.request('im_open_status.wshello', { is_web_uniapp: 0 }).catch(onFault);
      }
    }, HEARTBEAT_MS);
  }

  /** Say goodbye as a page that is closed does. */
  close(): void {
    this.#socket.close();
  }

  /** Cut the connection. */
  terminate(): void {
    this.#socket.terminate();
  }

  #receive(text: string): void {
    const { head, body } = JSON.parse(text);
    const pending = this.#pending.get(head.seq);
    if (!pending) {
      this.onPush(body);
      return;
    }
    this.#pending.delete(head.seq);
    if (body.ErrorCode === 0) pending.resolve(body);
    else pending.reject(new Error(`${head.servcmd}: ${body.ErrorCode} ${body.ErrorInfo}`));
  }

  #end(): void {
    clearInterval(this.#heartbeat);
    for (const { reject } of this.#pending.values()) reject(new Error('the connection ended'));
    this.#pending.clear();
  }
}
