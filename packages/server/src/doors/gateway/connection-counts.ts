/** How many connections there are from an address and for an app. */
import ipaddr from 'ipaddr.js';
import type { ClientLimits } from './gateway-context.ts';

type CountLimits = Pick<ClientLimits, 'maxClientsPerAddress' | 'maxClientsPerApp'>;

/** Whose connection it is. */
interface Place {
  readonly address: string;
  readonly sdkAppId: number;
}

/** Counts connections; bounded by the connections there are. */
export class ConnectionCounts {
  readonly #limits: CountLimits;
  readonly #byAddress = new Map<string, number>();
  readonly #byApp = new Map<number, number>();

  constructor(limits: CountLimits) {
    this.#limits = limits;
  }

  /** Count a connection. @returns why it may not be, or undefined: then `remove` it when it ends */
  add({ address, sdkAppId }: Place): 'address' | 'app' | undefined {
    const key = networkOf(address);
    if ((this.#byAddress.get(key) ?? 0) >= this.#limits.maxClientsPerAddress) return 'address';
    if ((this.#byApp.get(sdkAppId) ?? 0) >= this.#limits.maxClientsPerApp) return 'app';
    change(this.#byAddress, key, 1);
    change(this.#byApp, sdkAppId, 1);
    return undefined;
  }

  remove({ address, sdkAppId }: Place): void {
    change(this.#byAddress, networkOf(address), -1);
    change(this.#byApp, sdkAppId, -1);
  }
}

function change<K>(counts: Map<K, number>, key: K, by: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

/** Who has one IPv6 address has all of its /64. */
export function networkOf(address: string): string {
  if (!address.includes(':') || !ipaddr.IPv6.isValid(address)) return address;
  return ipaddr.IPv6.networkAddressFromCIDR(`${address.replace(/%.*$/, '')}/64`).toString();
}
