/** What an IP address is for: the rule by which callbacks are let through or refused. */
import ipaddr from 'ipaddr.js';

/**
 * Where clouds tell a machine its secrets. Most lie in ranges that are refused anyway; Azure's is an address like any public
 * one.
 */
const METADATA: ReadonlySet<string> = new Set([
  '169.254.169.254', // AWS, Azure, Google and most others
  '169.254.170.2', // AWS ECS
  '169.254.170.23', // AWS EKS
  '168.63.129.16', // Azure's wire server
  '100.100.100.200', // Alibaba
  '192.0.0.192', // Oracle
  'fd00:ec2::254', // AWS
  'fd00:ec2::23', // AWS EKS
  'fd20:ce::254', // Google
]);

/** Ranges of ipaddr.js whose names say little. */
const WORDS: Readonly<Record<string, string>> = {
  unspecified: 'unspecified (this host)',
  linkLocal: 'link-local',
  carrierGradeNat: 'of a carrier-grade NAT',
  uniqueLocal: 'unique local (private)',
  deprecatedSiteLocal: 'site-local (private)',
  ipv4Mapped: 'IPv4-mapped',
  rfc6145: 'IPv4-translated',
  rfc6052: 'NAT64',
  teredo: 'Teredo',
  as112v6: 'as112',
  deprecatedOrchid: 'reserved',
  orchid2: 'reserved',
  droneRemoteIdProtocolEntityTags: 'reserved',
  segmentRouting: 'reserved',
};

/** Of IPv6 only this is given out to the public: all else is as good as private. */
const GIVEN_OUT = ipaddr.parseCIDR('2000::/3');

/** @returns `public`, or the range for people. @throws Error if it is no address */
export function addressRange(address: string): string {
  const parsed = ipaddr.parse(address);
  if (METADATA.has(ipaddr.process(address).toString())) return 'cloud metadata';
  const range = parsed.range();
  if (range !== 'unicast') return WORDS[range] ?? range;
  return parsed.kind() === 'ipv4' || parsed.match(GIVEN_OUT) ? 'public' : 'not a public address';
}
