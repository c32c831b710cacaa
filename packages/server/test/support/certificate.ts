/** Certificates made on the spot, so that no key lies in the repository and none ever runs out. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** common name and DNS name */
  readonly name: string;
}

const ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const COMMON_NAME = [0x55, 0x04, 0x03];
const SUBJECT_ALT_NAME = [0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS = [0x55, 0x1d, 0x13];
const DAY_MS = 86_400_000;

/**
 * Make a certificate for one DNS name.
 *
 * @param from.endsInDays  from now; negative: it has run out
 * @param from.curve       of its key
 * @param from.issuer      who signs it; default: itself. Each may issue others
 * @see RFC 5280, 4.1
 */
export function makeCertificate({
  name = 'localhost',
  endsInDays = 1,
  curve = 'P-256',
  issuer,
}: {
  readonly name?: string;
  readonly endsInDays?: number;
  readonly curve?: string;
  readonly issuer?: Certificate;
} = {}): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const endsAtMs = Date.now() + endsInDays * DAY_MS;
  const body = bodyOf({ name, issuerName: issuer?.name ?? name, publicKey, endsAtMs });
  const signature = sign('sha256', body, issuer?.key ?? privateKey);
  const certificate = der(0x30, body, algorithm(), der(0x03, [0], signature));
  return {
    name,
    cert: `-----BEGIN CERTIFICATE-----\n${lines(certificate)}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

function bodyOf(of: {
  readonly name: string;
  readonly issuerName: string;
  readonly publicKey: KeyObject;
  readonly endsAtMs: number;
}): Buffer {
  const { name, issuerName, publicKey, endsAtMs } = of;
  const validity = der(0x30, time(endsAtMs - 365 * DAY_MS), time(endsAtMs));
  const extensions = der(
    0x30,
    der(0x30, oid(SUBJECT_ALT_NAME), der(0x04, der(0x30, der(0x82, Buffer.from(name))))),
    der(0x30, oid(BASIC_CONSTRAINTS), der(0x04, der(0x30, der(0x01, [0xff])))),
  );
  return der(
    0x30,
    der(0xa0, der(0x02, [2])),
    der(0x02, [1], randomBytes(8)),
    algorithm(),
    nameOf(issuerName),
    validity,
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
}

const nameOf = (name: string): Buffer =>
  der(0x30, der(0x31, der(0x30, oid(COMMON_NAME), der(0x0c, Buffer.from(name)))));
const algorithm = (): Buffer => der(0x30, oid(ECDSA_WITH_SHA256));
const oid = (bytes: readonly number[]): Buffer => der(0x06, bytes);

function time(atMs: number): Buffer {
  const text = new Date(atMs).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(text));
}

/** Tag, length, content. */
function der(tag: number, ...parts: (Uint8Array | readonly number[])[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Uint8Array.from(part)));
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Uint8Array.from([tag, ...size]), content]);
}

function lines(bytes: Buffer): string {
  return bytes.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
}
