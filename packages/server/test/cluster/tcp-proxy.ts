/** A TCP proxy in front of a server, whose connections a test cuts. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { atEnd, type Owner } from '../support/live/cleanup.ts';

/** A proxy that runs. */
export interface TcpProxy {
  readonly port: number;
  /** connections that were cut so far */
  readonly cuts: number;
  /** Cut all connections now. */
  cutAll(): void;
  /** Cut a connection that carries this from the client to PostgreSQL: `before` it gets there, or `after` the transaction it belongs to has ended. */
  cutAt(text: string, when: 'before' | 'after', times: number): void;
  /** Forward nothing more, in neither direction, not even that somebody has gone: connections, new ones too, stay open. */
  freeze(): void;
  /** Go on, with what was held back. */
  thaw(): void;
  /** Keep back what a connection carries from the client from where all of these stand in it, until it is let go. */
  holdAt(...parts: readonly (string | Buffer)[]): Hold;
  /** The same from the very place where this begins: what stands before it gets there. */
  holdFrom(text: string): Hold;
}

/** The server's message that it is in no transaction any more. */
const READY_FOR_QUERY = Buffer.from('Z\0\0\0\x05I');

/** Something that is kept back. */
export interface Hold {
  readonly isHolding: boolean;
  /** Let it go on, and keep back nothing more. */
  release(): void;
}

/** Forward to a port of this machine. Its owner closes it. @param host  where it listens */
export async function startTcpProxy(owner: Owner, targetPort: number, host = '127.0.0.1'): Promise<TcpProxy> {
  let isFrozen = false;
  const pairs = new Set<readonly [Socket, Socket]>();
  let rule: { readonly text: string; readonly when: 'before' | 'after'; left: number } | undefined;
  let hold: Held | undefined;
  let cuts = 0;
  const cut = (pair: readonly [Socket, Socket]): void => {
    if (pairs.delete(pair)) cuts += 1;
    for (const socket of pair) socket.destroy();
  };
  const server = createServer({ noDelay: true }, (client) => {
    const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    const pair = [client, target] as const;
    pairs.add(pair);
    /** the client will hear nothing of what it sent */
    let isLost = false;
    let isHeld = false;
    client.on('data', (data) => {
      if (!isHeld && hold?.parts.every((part) => data.includes(part))) {
        isHeld = true;
        const from = hold.isExact ? data.indexOf(hold.parts[0] ?? '') : 0;
        if (from > 0) target.write(data.subarray(0, from));
        hold.kept.push(() => target.write(data.subarray(from)));
        return;
      }
      if (isHeld && hold) {
        hold.kept.push(() => target.write(data));
        return;
      }
      isHeld = false;
      const isHit = rule !== undefined && rule.left > 0 && data.includes(rule.text);
      if (rule && isHit) {
        rule.left -= 1;
        if (rule.when === 'before') return cut(pair);
        // the server carries it out, and its answer gets nowhere
        isLost = true;
      }
      target.write(data);
    });
    target.on('data', (data) => {
      // it has answered: what was asked for is done
      if (isLost) {
        if (data.includes(READY_FOR_QUERY)) cut(pair);
        return;
      }
      client.write(data);
    });
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (isFrozen) return; // the other side learns of it when the network is back
        pairs.delete(pair);
        for (const one of pair) one.destroy();
      });
      if (isFrozen) socket.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  atEnd(owner, async () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    port: (server.address() as AddressInfo).port,
    get cuts() {
      return cuts;
    },
    cutAll: () => {
      for (const pair of [...pairs]) cut(pair);
    },
    cutAt: (text, when, times) => {
      rule = { text, when, left: times };
    },
    freeze: () => {
      isFrozen = true;
      for (const socket of [...pairs].flat()) socket.pause();
    },
    thaw: () => {
      isFrozen = false;
      for (const pair of [...pairs]) {
        if (pair.some((socket) => socket.destroyed)) {
          pairs.delete(pair);
          for (const socket of pair) socket.destroy();
        } else for (const socket of pair) socket.resume();
      }
    },
    holdAt: (...parts) => begin({ parts, isExact: false, kept: [] }),
    holdFrom: (text) => begin({ parts: [text], isExact: true, kept: [] }),
  };
  function begin(held: Held): Hold {
    hold = held;
    return {
      get isHolding() {
        return held.kept.length > 0;
      },
      release: () => {
        hold = undefined;
        for (const send of held.kept) send();
      },
    };
  }
}

/** What is kept back. */
interface Held {
  readonly parts: readonly (string | Buffer)[];
  /** from the place of the first part, not from where the piece that it stands in begins */
  readonly isExact: boolean;
  readonly kept: (() => void)[];
}
