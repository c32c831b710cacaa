/** Where callbacks may go: public addresses, and those that the operator allows. */
import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { addressRange } from './address-range.ts';

/** Decides on an address. @returns undefined if it is fine, else the rule that refuses it */
export type AddressRule = (address: string) => string | undefined;

/** Resolves a name, as dns.lookup does. */
export type Lookup = typeof dnsLookup;

/** A name or address that callbacks may not go to. */
export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
}

/** A name that can't be resolved. */
export class NameNotFoundError extends Error {
  override readonly name = 'NameNotFoundError';
}

/** What an operator on a loopback address most likely wants to reach. */
export const LOOPBACK_NETWORKS: readonly string[] = ['127.0.0.0/8', '::1/128'];

/**
 * Public unicast addresses are fine. Every other one (private, loopback, link-local and with it cloud metadata, multicast,
 * carrier-grade NAT, NAT64, 6to4, Teredo, IPv4-mapped, reserved …) must lie in a network of `allow`.
 *
 * @param allow  networks in CIDR form
 * @throws Error if one of them is none
 */
export function addressRule(allow: readonly string[]): AddressRule {
  const networks = allow.map((network) => ipaddr.parseCIDR(network));
  return (address) => {
    if (!ipaddr.isValid(address)) return `"${address}" is no address`;
    const parsed = ipaddr.process(address); // an IPv4-mapped address is judged as the IPv4 address that it reaches
    const range = addressRange(address);
    if (range === 'public') return undefined;
    const isAllowed = networks.some(
      ([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits),
    );
    return isAllowed ? undefined : `${address} is ${range}, and --webhook-allow does not name it`;
  };
}

/**
 * A look-up for net.connect that gives only checked addresses: what was checked is what is connected to, so that a name can't
 * change its mind in between. All addresses of a name must be fine.
 */
export function checkedLookup(rule: AddressRule, lookup: Lookup = dnsLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error || addresses.length === 0) {
        callback(new NameNotFoundError(`${hostname} does not resolve (${error?.code ?? 'no address'})`), []);
        return;
      }
      const refusal = addresses.map(({ address }) => rule(address)).find((text) => text !== undefined);
      if (refusal) callback(new AddressRefusedError(`${hostname}: ${refusal}`), []);
      else if (options.all) callback(null, addresses);
      else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
    });
  };
}

/**
 * Check what can be checked before a connection is made: a host that is an address.
 *
 * @param hostname  as in a URL, IPv6 in brackets
 * @throws AddressRefusedError
 */
export function checkLiteralHost(hostname: string, rule: AddressRule): void {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) === 0) return;
  const refusal = rule(address);
  if (refusal) throw new AddressRefusedError(refusal);
}
