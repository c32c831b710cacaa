/** Checks what an endpoint shows to, and wants of, its receiver in TLS: here, where it enters, and not at the first attempt. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { EndpointTls } from '../storage/store.ts';
import { formatMoment } from './moment.ts';
import type { Fault } from './problem.ts';
import type { TlsPatch } from './tls-schemas.ts';

const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/;
const ENCRYPTED_KEY = /-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/;

/** Members that are absent stay as they are, null takes one away. @returns undefined if nothing is left */
export function mergeTls(before: EndpointTls | undefined, patch: TlsPatch | null): EndpointTls | undefined {
  if (patch === null) return undefined;
  const members = Object.entries({ ...before, ...patch }).filter(([, value]) => value !== null);
  return members.length > 0 ? Object.fromEntries(members) : undefined;
}

/** @returns what is wrong with it, named by the member; never with a part of the key */
export function findTlsFaults(tls: EndpointTls, nowMs: number): readonly Fault[] {
  const { ca, cert, key } = tls;
  const faults = [
    ...(ca === undefined ? [] : findCertificateFaults('ca', ca, nowMs)),
    ...(cert === undefined ? [] : findCertificateFaults('cert', cert, nowMs)),
    ...findPairFaults(cert, key),
  ];
  return faults.length > 0 ? faults : findContextFaults(tls);
}

/** @returns when it ceases to work: the end of the first client certificate or of the last authority; undefined if it has none */
export function expiryOfTls({ ca = '', cert = '' }: EndpointTls): number | undefined {
  const [authorities, chain] = [endsOf(ca), endsOf(cert)];
  const ends = [...chain, ...(authorities.length > 0 ? [Math.max(...authorities)] : [])];
  return ends.length > 0 ? Math.min(...ends) : undefined;
}

function endsOf(pem: string): readonly number[] {
  const certificates = (pem.match(CERTIFICATE) ?? []).map(parseCertificate);
  return certificates.flatMap((certificate) => (certificate ? [certificate.validToDate.getTime()] : []));
}

/** Of the authorities one must be valid, of the client's chain every certificate. */
function findCertificateFaults(name: 'ca' | 'cert', pem: string, nowMs: number): readonly Fault[] {
  if (PRIVATE_KEY.test(pem)) return [fault(name, 'expected certificates alone, and a private key is among them')];
  const blocks = pem.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) return [fault(name, 'expected PEM: -----BEGIN CERTIFICATE----- …')];
  const broken = blocks.findIndex((block) => !parseCertificate(block));
  if (broken >= 0) return [fault(name, `certificate ${broken + 1} of ${blocks.length} can not be read`)];
  const ends = endsOf(pem);
  const endsAt = name === 'ca' ? Math.max(...ends) : Math.min(...ends);
  return endsAt > nowMs ? [] : [fault(name, `ran out on ${formatMoment(endsAt)}`)];
}

function findPairFaults(cert: string | undefined, rawKey: string | undefined): readonly Fault[] {
  if (cert === undefined && rawKey === undefined) return [];
  if (rawKey === undefined) return [fault('key', 'is missing: a certificate comes with its private key')];
  if (cert === undefined) return [fault('cert', 'is missing: a private key comes with its certificate')];
  if (ENCRYPTED_KEY.test(rawKey)) return [fault('key', 'is encrypted; expected it without a passphrase')];
  const key = parseKey(rawKey);
  if (!key) return [fault('key', 'expected a private key in PEM: -----BEGIN PRIVATE KEY----- …')];
  const certificate = parseCertificate(cert.match(CERTIFICATE)?.[0] ?? '');
  if (!certificate || certificate.checkPrivateKey(key)) return []; // a certificate that is none is told of already
  return [fault('key', 'does not belong to the certificate; the first one of cert must be that of the key')];
}

/** What OpenSSL has against it beyond that: a key that is too short, a curve that it does not know. */
function findContextFaults(tls: EndpointTls): readonly Fault[] {
  try {
    createSecureContext(tls);
    return [];
  } catch (error) {
    const { reason, code } = error as Error & { readonly reason?: string; readonly code?: string };
    return [fault('', `can not be used: ${reason ?? code ?? 'OpenSSL refuses it'}`)];
  }
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function fault(name: 'ca' | 'cert' | 'key' | '', detail: string): Fault {
  return { in: 'body', pointer: name ? `#/tls/${name}` : '#/tls', detail };
}
