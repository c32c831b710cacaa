/** Secrets and names that the server makes, and how secrets are shown to those who didn't ask for them. */
import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';
import { formatSigningKey } from '@portrait/wire';
import { publicBytesOf } from '../signing-keys.ts';
import type { SigningSecretType } from './rotation-schemas.ts';

const BASE36 = '0123456789abcdefghijklmnopqrstuvwxyz';

/** @returns 64 hex digits */
export function createSecretKey(): string {
  return randomBytes(32).toString('hex');
}

/** @returns 32 random characters of Base64 for URLs */
export function createToken(): string {
  return randomBytes(24).toString('base64url');
}

/** @returns `whsec_` and 24 random bytes in Base64, or `whsk_` and a new Ed25519 key pair, as Standard Webhooks asks for */
export function createSigningSecret(type: SigningSecretType): string {
  if (type === 'hmac-sha256') return `whsec_${randomBytes(24).toString('base64')}`;
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  return formatSigningKey(seed, publicBytesOf(privateKey));
}

/** @returns the type that the secret's prefix tells */
export function typeOfSigningSecret(secret: string): SigningSecretType {
  return secret.startsWith('whsk_') ? 'ed25519' : 'hmac-sha256';
}

/** @returns `ep_` and 16 random base-36 characters */
export function createEndpointId(): string {
  return `ep_${Array.from({ length: 16 }, () => BASE36[randomInt(36)]).join('')}`;
}

/** @returns prefix, `…` and the last 4 characters, to tell one secret from another */
export function maskSigningSecret(secret: string): string {
  return `${secret.slice(0, secret.indexOf('_') + 1)}…${secret.slice(-4)}`;
}
