/** What went over a client's WebSocket, made readable. */
import { inflateSync, unzipSync } from 'node:zlib';

/** One frame of `/binfo` or `/info`. */
export interface Frame {
  readonly kind: 'sent' | 'received';
  /** Unix milliseconds */
  readonly atMs: number;
  /** 1, 2, 3 … over the client's life */
  readonly connection: number;
  readonly form: 'text' | 'binary' | 'compressed';
  /** on the wire */
  readonly bytes: number;
  readonly servcmd: string;
  readonly seq: number;
  readonly head: Record<string, unknown>;
  readonly body: FrameBody;
}

/** Members that tests look at; the rest is as it came. */
export interface FrameBody {
  readonly ErrorCode?: number;
  readonly ErrorInfo?: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of many commands, looked into by tests
  readonly [member: string]: any;
}

/** A WebSocket that opened, closed or failed. */
export interface ConnectionMoment {
  readonly kind: 'opened' | 'closed' | 'failed';
  readonly atMs: number;
  readonly connection: number;
  /** address, close code, or error */
  readonly text: string;
}

const COMPRESSED = Buffer.from('COMP');

/** What is known of a frame beside its bytes. */
export type FrameContext = Pick<Frame, 'kind' | 'atMs' | 'connection'>;

/** Read a frame; what is no envelope gets the servcmd "?" and its text as body. */
export function decodeFrame(data: string | Uint8Array, context: FrameContext): Frame {
  const bytes = Buffer.from(data as Uint8Array);
  const isCompressed = typeof data !== 'string' && bytes.subarray(0, 4).equals(COMPRESSED);
  const text = isCompressed ? decompress(bytes.subarray(4)) : bytes.toString('utf8');
  const { head = {}, body = {} } = parse(text);
  return {
    ...context,
    form: isCompressed ? 'compressed' : typeof data === 'string' ? 'text' : 'binary',
    bytes: bytes.length,
    servcmd: String(head.servcmd ?? '?'),
    seq: Number(head.seq),
    head,
    body,
  };
}

/** gzip or zlib, told apart by their first byte. */
function decompress(bytes: Buffer): string {
  return (bytes[0] === 0x1f ? unzipSync(bytes) : inflateSync(bytes)).toString('utf8');
}

function parse(text: string): { readonly head?: Record<string, unknown>; readonly body?: FrameBody } {
  try {
    return JSON.parse(text);
  } catch {
    return { body: { text } };
  }
}

const SHOWN_CHARACTERS = 600;

/** One line for a person. UserSigs stay out: of a request's head the a2 alone is said to be there. */
export function describeFrame(frame: Frame | ConnectionMoment, sinceMs: number): string {
  const at = `${String(frame.atMs - sinceMs).padStart(7)} ms  [${frame.connection}]`;
  if ('text' in frame) return `${at} -- ${frame.kind} ${frame.text}`;
  const { kind, servcmd, seq, form, bytes, head, body } = frame;
  const arrow = kind === 'sent' ? '>>' : '<<';
  const who = kind === 'sent' ? (head.a2 ? ' (a2)' : head.usersig ? ' (usersig)' : ' (nobody)') : '';
  const shown = JSON.stringify(body);
  const cut = shown.length > SHOWN_CHARACTERS ? `${shown.slice(0, SHOWN_CHARACTERS)} …` : shown;
  return `${at} ${arrow} ${servcmd} #${seq}${who} ${form} ${bytes} B ${cut}`;
}
