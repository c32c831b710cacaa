/** One connection of a client: its frames one after the other, and the session that was logged in on it. */
import {
  type ClientFrame,
  type ClientPush,
  formatFault,
  formatKickNotice,
  formatKickPush,
  formatOk,
  formatProfilePush,
  formatPushFrame,
  formatReplyFrame,
  type KickNotice,
  type KickType,
  type NewInstance,
  type OptPlatform,
  type ProfileItem,
  parseClientFrame,
  readableTags,
} from '@portrait/wire';
import type { WebSocket } from 'ws';
import { TokenBucket } from '../../rate-limit.ts';
import type { Session, SessionLink } from '../../sessions/session.ts';
import { ClientSocket, type FrameForm } from './client-socket.ts';
import type { GatewayContext } from './gateway-context.ts';

/** Frames a second; a login makes about 15. Who sends more is read more slowly. */
const FRAMES_PER_SECOND = 50;
/** Frames that wait for the one before them; the client is read again when they are done. */
const MAX_WAITING_FRAMES = 32;
/** So many frames that are none end the connection. */
const MAX_MALFORMED_FRAMES = 10;
/** A client that was kicked over REST closes its socket itself; one that does not is closed. */
const KICK_GRACE_MS = 3_000;

const CLOSE_POLICY = 1008;

/** Carries out one frame and sends its reply. */
export type OnFrame = (frame: ClientFrame, connection: Connection, context: GatewayContext) => Promise<void>;

/** What a connection is made of. */
export interface ConnectionOptions {
  readonly socket: WebSocket;
  readonly form: FrameForm;
  /** of the URL */
  readonly sdkAppId: number;
  readonly clientIp: string;
  /** of the URL */
  readonly platform: OptPlatform;
  readonly context: GatewayContext;
  readonly onFrame: OnFrame;
  readonly onClose: () => void;
}

/** A connection. */
export class Connection implements SessionLink {
  readonly sdkAppId: number;
  readonly clientIp: string;
  /** as the URL says, then as the login does */
  platform: OptPlatform;
  /** counts what was pushed to the session: a profile that was read before is stale */
  pushCount = 0;
  readonly #socket: ClientSocket;
  readonly #context: GatewayContext;
  readonly #onFrame: OnFrame;
  readonly #bucket: TokenBucket;
  readonly #waiting: ClientFrame[] = [];
  #session: Session | undefined;
  #kicked: KickNotice | undefined;
  #running: Promise<void> | undefined;
  /** frames beyond the limit that are not waited for yet */
  #owed = 0;
  #isEnding = false;
  #isTimedOut = false;
  #malformed = 0;
  #pushSeq = 0;
  #lastFrameAtMs: number;
  #withoutSessionSinceMs: number;

  constructor({ socket, form, sdkAppId, clientIp, platform, context, onFrame, onClose }: ConnectionOptions) {
    this.sdkAppId = sdkAppId;
    this.clientIp = clientIp;
    this.platform = platform;
    this.#context = context;
    this.#onFrame = onFrame;
    const nowMs = context.clock.monotonic();
    this.#bucket = new TokenBucket(FRAMES_PER_SECOND, nowMs);
    this.#lastFrameAtMs = nowMs;
    this.#withoutSessionSinceMs = nowMs;
    this.#socket = new ClientSocket(socket, form, {
      onFrame: (text) => this.#receive(text),
      onPing: () => this.#count(),
      onDropped: () => context.metrics.clientDropped(),
      onClose: () => {
        this.#waiting.length = 0;
        this.#leave(this.#isTimedOut ? 'timeout' : 'closed');
        onClose();
      },
    });
  }

  get isOpen(): boolean {
    return this.#socket.isOpen;
  }

  /** The session that is logged in here. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Why the session that was logged in here is over, until the next login. */
  get kicked(): KickNotice | undefined {
    return this.#kicked;
  }

  /** Answer a request. @param body  an envelope with what the command adds */
  reply(request: { readonly servcmd: string; readonly seq: number }, body: object): void {
    this.#socket.send(formatReplyFrame(request, body));
  }

  pushItems(items: readonly ProfileItem[]): void {
    this.pushCount += 1;
    const session = this.#session;
    const app = this.#context.directory.app(this.sdkAppId);
    if (!session || !app) return;
    const tags = readableTags(app.customFields, 'user');
    const readable = items.filter(({ tag }) => tags.includes(tag));
    if (readable.length > 0) this.#push(formatProfilePush(session.userId, readable));
  }

  kick(kickType: KickType, by?: NewInstance): void {
    this.endSession(formatKickNotice(kickType, by));
    if (this.#kicked) this.#push(formatKickPush(this.#kicked));
    if (kickType !== 3) return;
    this.#context.clock.after(KICK_GRACE_MS, () => {
      if (!this.#session) this.close(CLOSE_POLICY, 'kicked');
    });
  }

  /** From now on a session is logged in here; what was before is over. */
  setSession(session: Session): void {
    this.#session = session;
    this.#kicked = undefined;
  }

  /** The client logged out. */
  logOut(): void {
    this.#leave('logout');
    this.#kicked = undefined;
  }

  /** The registry has let the session go. */
  endSession(notice: KickNotice): void {
    this.#forget();
    this.#kicked = notice;
  }

  /** Wait for what is in hand, then close. */
  async finish(code: number, reason: string): Promise<void> {
    this.#isEnding = true;
    this.#waiting.length = 0;
    await this.#running;
    this.close(code, reason);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Cut the connection off; the client comes back by itself. */
  terminate(): void {
    this.#socket.terminate();
  }

  /** Cut it off if nothing came for too long, or nobody logs in. */
  endIfOverdue(nowMs: number): void {
    const { clientIdleTimeoutMs, clientLoginTimeoutMs } = this.#context.clientLimits;
    this.#isTimedOut = nowMs - this.#lastFrameAtMs > clientIdleTimeoutMs;
    if (this.#isTimedOut) this.terminate();
    else if (!this.#session && nowMs - this.#withoutSessionSinceMs > clientLoginTimeoutMs) {
      this.close(CLOSE_POLICY, 'nobody logged in');
    }
  }

  #receive(text: string | undefined): void {
    // what can not be answered any more is not carried out
    if (this.#isEnding || !this.isOpen) return;
    this.#count();
    const frame = parseClientFrame(text ?? '');
    if (!frame.ok) this.#refuse(frame.fault);
    // asked before login too, and answered at once: 3 s without it make the SDK reconnect
    else if (frame.value.servcmd === 'heartbeat.alive') this.reply(frame.value, formatOk());
    else this.#enqueue(frame.value);
  }

  #enqueue(frame: ClientFrame): void {
    this.#waiting.push(frame);
    this.#updateReading();
    this.#running ??= this.#run();
  }

  /** Frames of a client are carried out in order: a change it makes later is stored later. */
  async #run(): Promise<void> {
    try {
      for (let frame = this.#waiting.shift(); frame; frame = this.#waiting.shift()) {
        await this.#onFrame(frame, this, this.#context);
        this.#updateReading();
      }
    } catch (error) {
      this.#context.log.error({ err: error, sdkAppId: this.sdkAppId }, 'client.fault');
      this.terminate();
    } finally {
      this.#running = undefined;
    }
  }

  /** A frame that is none belongs to no request; the reply says what was wrong to whoever writes a client. */
  #refuse(fault: { readonly code: number; readonly message: string }): void {
    this.#malformed += 1;
    if (this.#malformed < MAX_MALFORMED_FRAMES) this.reply({ servcmd: '', seq: 0 }, formatFault(fault));
    else this.close(CLOSE_POLICY, 'too many malformed frames');
  }

  #count(): void {
    const nowMs = this.#context.clock.monotonic();
    this.#lastFrameAtMs = nowMs;
    if (this.#owed === 0 && this.#bucket.take(nowMs) === 0) return;
    this.#owed += 1;
    if (this.#owed === 1) this.#waitForOwed();
  }

  /** Hundreds of small frames may come in one piece, before reading can stop: all of them are waited for. */
  #waitForOwed(): void {
    if (!this.isOpen) return;
    const waitMs = this.#bucket.take(this.#context.clock.monotonic());
    if (waitMs === 0) this.#owed -= 1;
    this.#updateReading();
    if (this.#owed > 0) this.#context.clock.after(waitMs, () => this.#waitForOwed());
  }

  #updateReading(): void {
    this.#socket.setReading(this.#owed === 0 && this.#waiting.length < MAX_WAITING_FRAMES);
  }

  #leave(how: 'logout' | 'closed' | 'timeout'): void {
    const session = this.#session;
    this.#forget();
    if (session) this.#context.sessions.close(session, how);
  }

  #forget(): void {
    this.#session = undefined;
    this.#withoutSessionSinceMs = this.#context.clock.monotonic();
  }

  #push(push: ClientPush): void {
    this.#pushSeq += 1;
    this.#context.metrics.pushed();
    this.#socket.send(formatPushFrame(push, this.#pushSeq));
  }
}
