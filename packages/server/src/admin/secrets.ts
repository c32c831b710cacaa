/** Secrets and names that the server makes, and how secrets are shown to those who didn't ask for them. */
import { randomBytes, randomInt } from 'node:crypto';

const BASE36 = '0123456789abcdefghijklmnopqrstuvwxyz';
const SIGNING_SECRET_PREFIX = 'whsec_';

/** @returns 64 hex digits */
export function createSecretKey(): string {
  return randomBytes(32).toString('hex');
}

/** @returns `whsec_` and 24 random bytes in Base64, as Standard Webhooks asks for */
export function createSigningSecret(): string {
  return `${SIGNING_SECRET_PREFIX}${randomBytes(24).toString('base64')}`;
}

/** @returns `ep_` and 16 random base-36 characters */
export function createEndpointId(): string {
  return `ep_${Array.from({ length: 16 }, () => BASE36[randomInt(36)]).join('')}`;
}

/** @returns `whsec_…` and the last 4 characters, to tell one secret from another */
export function maskSigningSecret(secret: string): string {
  return `${SIGNING_SECRET_PREFIX}…${secret.slice(-4)}`;
}
