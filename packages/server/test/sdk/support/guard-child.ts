/** Tries every way out of a guarded process; prints how each attempt ended, and what the guard has told. */
import dgram from 'node:dgram';
import dns from 'node:dns';
import { lookup } from 'node:dns/promises';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net, { connect } from 'node:net';
import tls from 'node:tls';
import { WebSocket as UndiciSocket } from 'undici';
import { guardNetwork } from './network-guard.ts';

const [allowed = 0, forbidden = 0] = process.argv.slice(2).map(Number);
const told: string[] = [];
guardNetwork({ port: allowed, onViolation: (text) => told.push(text) });

interface Emitter {
  once(event: 'error', listener: (error: unknown) => void): unknown;
}

/** Rejects when it fails, whenever that is. */
function failed(emitter: Emitter): Promise<never> {
  return new Promise((_, reject) => emitter.once('error', reject));
}

const host = '127.0.0.1';
const ATTEMPTS: Readonly<Record<string, () => unknown>> = {
  'net.connect by options': () => failed(net.connect({ port: forbidden, host })),
  'net.connect by port': () => failed(net.connect(forbidden, host)),
  'net.connect by a named import': () => failed(connect(forbidden, host)),
  'net.connect by name': () => failed(net.connect(allowed, 'localhost')),
  'net.connect without a host': () => failed(net.connect(allowed)),
  'net.connect to another loopback address': () => failed(net.connect(allowed, '127.0.0.2')),
  'net.connect to a path': () => failed(net.connect('/tmp/portrait-test-no-such-socket')),
  'Socket.connect': () => failed(new net.Socket().connect(forbidden, host)),
  'tls.connect': () => failed(tls.connect({ port: allowed, host })),
  'http.get': () => failed(http.get(`http://${host}:${forbidden}`)),
  'http.get by name': () => failed(http.get(`http://localhost:${allowed}`)),
  'https.get': () => failed(https.get(`https://${host}:${allowed}`)),
  'http2.connect': () => failed(http2.connect(`http://${host}:${forbidden}`)),
  fetch: () => fetch(`http://${host}:${allowed}`),
  'dns.lookup': () => dns.lookup('localhost', () => {}),
  'dns.promises.lookup': () => dns.promises.lookup('localhost'),
  'dns/promises lookup by a named import': () => lookup('localhost'),
  'dns.resolve4': () => dns.resolve4('localhost', () => {}),
  'dns.Resolver': () => new dns.Resolver().resolve4('localhost', () => {}),
  'dns.promises.Resolver': () => new dns.promises.Resolver().resolve('localhost'),
  'dgram.createSocket': () => dgram.createSocket('udp4'),
  'WebSocket of undici': () =>
    new Promise((_, reject) => {
      new UndiciSocket(`ws://${host}:${forbidden}`).addEventListener('error', reject);
    }),
};

const ends: Record<string, readonly [end: string, toldCount: number]> = {};
for (const [name, attempt] of Object.entries(ATTEMPTS)) {
  const before = told.length;
  let end = 'passed';
  try {
    await attempt();
  } catch {
    end = 'refused';
  }
  ends[name] = [end, told.length - before];
}
const answer = await new Promise<number | undefined>((resolve, reject) => {
  http.get(`http://${host}:${allowed}`, (response) => resolve(response.statusCode)).once('error', reject);
});
console.log(JSON.stringify({ ends, answer, told }));
process.exit();
