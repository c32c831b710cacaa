/** Keeps a process from speaking to anything but one port of 127.0.0.1, and tells of each attempt. */
import dgram from 'node:dgram';
import dns from 'node:dns';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';

/** What is allowed, and who hears of the rest. */
export interface GuardOptions {
  readonly port: number;
  readonly onViolation: (text: string) => void;
}

type Patchable = Record<string, unknown>;

/** node:dns in both forms; a numeric address is not looked up. */
const NO_LOOKUPS = ['setDefaultResultOrder', 'getDefaultResultOrder', 'setServers', 'getServers'];

/**
 * Refuse by an exception, before anything leaves the process. All that Node opens over TCP, TLS and HTTP included, goes
 * through `net.Socket.connect`; the others are refused by name as well, so that what was tried is seen.
 */
export function guardNetwork({ port, onViolation }: GuardOptions): void {
  function violation(text: string): never {
    onViolation(text);
    throw new Error(`refused by the test: ${text}`);
  }
  function refuse(name: string, holder: object, members: readonly string[]): void {
    for (const member of members) {
      (holder as Patchable)[member] = (...args: readonly unknown[]) => violation(`${name}.${member} ${shown(args)}`);
    }
  }

  const { connect } = net.Socket.prototype;
  net.Socket.prototype.connect = function guarded(this: net.Socket, ...args: unknown[]): net.Socket {
    const target = targetOf(args);
    if (target !== `127.0.0.1:${port}`) violation(`net.connect ${target}`);
    return Reflect.apply(connect, this, args);
  };
  refuse('dns', dns, lookupsOf(dns));
  refuse('dns.promises', dns.promises, lookupsOf(dns.promises));
  refuse('dns.Resolver', dns.Resolver.prototype, lookupsOf(dns.Resolver.prototype));
  refuse('dns.promises.Resolver', dns.promises.Resolver.prototype, lookupsOf(dns.promises.Resolver.prototype));
  refuse('tls', tls, ['connect']);
  refuse('https', https, ['request', 'get']);
  refuse('dgram', dgram, ['createSocket', 'Socket']);
  refuse('global', globalThis, ['fetch', 'EventSource']);
  syncBuiltinESMExports();
}

function lookupsOf(holder: object): readonly string[] {
  const names = [...Object.getOwnPropertyNames(holder), ...Object.getOwnPropertyNames(Object.getPrototypeOf(holder))];
  return names.filter((name) => /^(lookup|resolve|reverse)/.test(name) && !NO_LOOKUPS.includes(name));
}

/** net.Socket.connect takes (options), (port, host), (path), or a list of these made by net.connect. */
function targetOf(args: readonly unknown[]): string {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const given = typeof first === 'object' && first !== null ? first : { port: first, host: second };
  const { host = 'localhost', port, path } = given as Record<'host' | 'port' | 'path', unknown>;
  return path === undefined || path === null ? `${host}:${port}` : `path ${path}`;
}

function shown(args: readonly unknown[]): string {
  return args
    .filter((arg) => typeof arg !== 'function')
    .map((arg) => (typeof arg === 'string' || arg instanceof URL ? String(arg) : JSON.stringify(arg)?.slice(0, 200)))
    .join(' ');
}
