/** Texts that people type, as values. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** @returns undefined if `raw` is no whole number in decimal digits, or out of range */
export function parseWhole(
  raw: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const value = /^\d{1,15}$/.test(raw) ? Number(raw) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @returns milliseconds of `500ms`, `30s`, `15m`, `12h` or `7d`; undefined if `raw` is none of these or out of range */
export function parseDuration(
  raw: string,
  { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number },
): number | undefined {
  const [, count, unit] = /^(\d{1,12})(ms|s|m|h|d)$/.exec(raw) ?? [];
  const ms = Number(count) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  return ms >= minMs && ms <= maxMs ? ms : undefined;
}

const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };

/** @returns bytes of `0`, `512MB` or `1GB`, where 1 KB is 1,024; undefined if `raw` is none of these or out of range */
export function parseSize(raw: string, { maxBytes }: { readonly maxBytes: number }): number | undefined {
  const [, count, unit = ''] = /^(\d{1,12})(KB|MB|GB|TB)?$/i.exec(raw) ?? [];
  const bytes = Number(count) * (UNIT_BYTES[unit.toUpperCase()] ?? Number.NaN);
  return bytes <= maxBytes ? bytes : undefined;
}

/** @returns undefined if `raw` is neither an IP address nor a host name */
export function parseHost(raw: string): string | undefined {
  return isIP(raw) || /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(raw) ? raw : undefined;
}

/** @returns the address without a slash at its end; undefined if it is none of an HTTP server */
export function parseServer(raw: string): string | undefined {
  const url = URL.parse(raw);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username) return undefined;
  return url.href.replace(/\/+$/, '');
}

/** @returns networks in their usual spelling, none for `none`; undefined if one of them is no network */
export function parseCidrs(raw: string): readonly string[] | undefined {
  if (raw === 'none') return [];
  const cidrs = raw.split(',').map((part) => parseCidr(part.trim()));
  return cidrs.every((cidr) => cidr !== undefined) ? cidrs : undefined;
}

/** @returns the CIDR in its usual spelling; a bare address is a net of one */
function parseCidr(raw: string): string | undefined {
  if (isIP(raw)) return `${ipaddr.parse(raw)}/${isIP(raw) === 4 ? 32 : 128}`;
  const [address = '', bits] = raw.split('/');
  if (!isIP(address) || !ipaddr.isValidCIDR(raw)) return undefined;
  return `${ipaddr.parse(address)}/${bits}`;
}
