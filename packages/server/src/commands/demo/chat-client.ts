/** The least of a chat client: logs in over WebSocket as Tencent's Web SDK does, changes its user's profile, and hears of changes. */
import { once } from 'node:events';
import { formatItems, type ProfileItem } from '@portrait/wire';
import { WebSocket } from 'ws';

/** As whom, and where. */
export interface ChatClientOptions {
  /** `http://host:port` of the server */
  readonly server: string;
  readonly sdkAppId: number;
  readonly userId: string;
  /** as an app's backend makes it */
  readonly userSig: string;
}

interface Frame {
  readonly head: { readonly servcmd: string; readonly seq: number };
  readonly body: {
    readonly ErrorCode: number;
    readonly ErrorInfo: string;
    readonly A2Key?: string;
    readonly TinyId?: string;
    readonly InstId?: number;
  };
}

const WEB = 7;
const PUSH = 'im_open_push.msg_push';

/** A connection of one user. */
export class ChatClient {
  readonly #options: ChatClientOptions;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (frame: Frame) => void>();
  /** resolves when the server has told of a change */
  readonly pushed: Promise<void>;
  #tellPush: () => void = () => undefined;
  /** what proves who it is: UserSig before the login, what the login gave after it */
  #proof: object;
  #seq = 10_000_000;

  private constructor(options: ChatClientOptions) {
    this.#options = options;
    this.#proof = { status_instid: 0, identifier: options.userId, usersig: options.userSig };
    this.pushed = new Promise((resolve) => {
      this.#tellPush = resolve;
    });
    const url = `${options.server.replace(/^http/, 'ws')}/binfo?sdkappid=${options.sdkAppId}&platform=${WEB}`;
    this.#socket = new WebSocket(url, { perMessageDeflate: false });
    this.#socket.on('error', () => undefined); // whoever waits is told by its own listener
    this.#socket.on('message', (data) => this.#receive(JSON.parse(String(data))));
  }

  /** Connect and log in. @throws Error the server refuses */
  static async logIn(options: ChatClientOptions): Promise<ChatClient> {
    const client = new ChatClient(options);
    await once(client.#socket, 'open');
    const { InstId, A2Key, TinyId } = await client.#request('im_open_status.wslogin', { State: 'Online' });
    client.#proof = { status_instid: InstId, a2: A2Key, tinyid: TinyId };
    return client;
  }

  /** Change the user's own profile. @throws Error the server refuses */
  async set(items: readonly ProfileItem[]): Promise<void> {
    const body = { From_Account: this.#options.userId, ProfileItem: formatItems(items) };
    await this.#request('profile.portrait_set', body);
  }

  close(): void {
    this.#socket.terminate();
  }

  async #request(servcmd: string, body: object): Promise<Frame['body']> {
    this.#seq += 1;
    const seq = this.#seq;
    const head = { ver: 'v4', platform: WEB, ...this.#proof, sdkappid: this.#options.sdkAppId, servcmd, seq };
    const answered = new Promise<Frame>((resolve) => this.#waiting.set(seq, resolve));
    this.#socket.send(Buffer.from(JSON.stringify({ head, body })));
    const closed = once(this.#socket, 'close').then(() => Promise.reject(new Error('the server hung up')));
    const { body: reply } = await Promise.race([answered, closed]);
    if (reply.ErrorCode !== 0) throw new Error(`${servcmd} was refused: ${reply.ErrorCode} ${reply.ErrorInfo}`);
    return reply;
  }

  #receive(frame: Frame): void {
    const { servcmd, seq } = frame.head;
    this.#waiting.get(seq)?.(frame);
    this.#waiting.delete(seq);
    if (servcmd === PUSH) this.#tellPush();
  }
}
