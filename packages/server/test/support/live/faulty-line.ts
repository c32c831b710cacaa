/**
 * A line to a receiver that can be made faulty below HTTP: it refuses, hangs, breaks, talks nonsense, or shows a wrong certificate.
 * Else all bytes pass.
 */
import { connect, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions, type Server as TlsServer } from 'node:tls';
import { makeCertificate } from '../certificate.ts';
import { atEnd, type Owner } from './cleanup.ts';
import type { Receiver } from './receiver.ts';

/** What is wrong with the line. */
export type LineFault =
  /** nobody listens */
  | 'refuses'
  /** connections end at once */
  | 'hangs up'
  /** connections are taken, and nothing is said */
  | 'is silent'
  /** answers with what is no HTTP */
  | 'talks nonsense'
  /** an answer whose head does not end */
  | 'never ends a head'
  /** an answer whose body does not end */
  | 'never ends a body'
  /** the connection breaks within the body of an answer */
  | 'breaks in an answer'
  | 'speaks no TLS'
  | 'has an expired certificate'
  | "has another's certificate"
  | 'has a certificate of an unknown authority'
  | 'wants a client certificate';

type Certified = Extract<LineFault, `has ${string}` | 'wants a client certificate'>;

const NOISE = Buffer.alloc(8_192, 'x');
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';

/** Speak on when there is room, for ever. */
function pour(socket: Socket): void {
  const write = (): void => {
    while (!socket.destroyed && socket.write(NOISE));
  };
  socket.on('drain', write);
  write();
}

/** What a line does to a connection that is open. */
const MISDEEDS: Readonly<Partial<Record<LineFault, (socket: Socket) => void>>> = {
  'hangs up': (socket) => socket.destroy(),
  'is silent': () => undefined,
  'talks nonsense': (socket) => socket.once('data', () => socket.write('220 mail.example ESMTP\r\n')),
  'never ends a head': (socket) =>
    socket.once('data', () => {
      socket.write(`${HEAD}X-Long: `);
      pour(socket);
    }),
  'never ends a body': (socket) =>
    socket.once('data', () => {
      socket.write(`${HEAD}Content-Length: 999999999\r\n\r\n`);
      pour(socket);
    }),
  'breaks in an answer': (socket) =>
    socket.once('data', () => {
      socket.write(`${HEAD}Content-Length: 100\r\n\r\n{"ErrorCode":`, () => socket.destroy());
    }),
  'speaks no TLS': (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
};

/** Start a line to a receiver; its owner closes it. */
export async function startFaultyLine(owner: Owner, receiver: Receiver, { isTls }: { readonly isTls: boolean }) {
  const line = new FaultyLine(receiver, isTls);
  atEnd(owner, () => line.close());
  await line.mend();
  return line;
}

/** The line, on one port all its life. */
export class FaultyLine {
  readonly #receiver: Receiver;
  readonly #isTls: boolean;
  readonly #authority = makeCertificate({ name: 'authority' });
  readonly #good: TlsOptions = makeCertificate({ issuer: this.#authority });
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#take(socket));
  #secure: TlsServer | undefined;
  #fault: LineFault | undefined;
  #port = 0;

  constructor(receiver: Receiver, isTls: boolean) {
    this.#receiver = receiver;
    this.#isTls = isTls;
  }

  get url(): string {
    return this.#isTls ? `https://localhost:${this.#port}/callback` : `http://127.0.0.1:${this.#port}/callback`;
  }

  /** The authority whose certificate is shown while all is well, in PEM. */
  get ca(): string {
    return this.#authority.cert;
  }

  /** From now on this is wrong; connections that are open end. */
  async break(fault: LineFault): Promise<void> {
    this.#fault = fault;
    if (fault === 'refuses') await this.close();
    else await this.#open(this.#certificateFor(fault));
  }

  /** From now on all is well. */
  async mend(): Promise<void> {
    this.#fault = undefined;
    await this.#open(this.#good);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #open(certificate: TlsOptions): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#secure = this.#isTls ? createTlsServer(certificate, (socket) => this.#serve(socket)) : undefined;
    this.#secure?.on('tlsClientError', () => undefined); // who does not like the certificate goes away
    if (this.#server.listening) return;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address = this.#server.address();
    if (address && typeof address === 'object') this.#port = address.port;
  }

  #certificateFor(fault: LineFault): TlsOptions {
    const issuer = this.#authority;
    const wrong: Readonly<Partial<Record<Certified, TlsOptions>>> = {
      'has an expired certificate': makeCertificate({ issuer, endsInDays: -1 }),
      "has another's certificate": makeCertificate({ issuer, name: 'elsewhere.example' }),
      'has a certificate of an unknown authority': makeCertificate(),
      'wants a client certificate': { ...this.#good, ca: issuer.cert, requestCert: true, rejectUnauthorized: true },
    };
    return wrong[fault as Certified] ?? this.#good;
  }

  #take(socket: Socket): void {
    this.#keep(socket);
    const isBeforeTls = this.#fault === 'hangs up' || this.#fault === 'is silent' || this.#fault === 'speaks no TLS';
    if (this.#secure && !isBeforeTls) this.#secure.emit('connection', socket);
    else this.#serve(socket);
  }

  #serve(socket: Socket): void {
    this.#keep(socket);
    const misdeed = this.#fault && MISDEEDS[this.#fault];
    if (misdeed) {
      misdeed(socket);
      return;
    }
    const { hostname, port } = new URL(this.#receiver.origin);
    const inner = connect(Number(port), hostname);
    this.#keep(inner);
    socket.pipe(inner).pipe(socket);
    socket.on('close', () => inner.destroy());
    inner.on('close', () => socket.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
