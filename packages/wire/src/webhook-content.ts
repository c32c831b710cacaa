/**
 * The text that is signed: id, time and body with dots between. `v1` is its HMAC-SHA256, `v1a` its Ed25519 signature.
 *
 * @param id  no dot in it, so that the three parts stay apart
 * @param timestampSeconds  Unix seconds, an integer
 * @see Standard Webhooks, spec/standard-webhooks.md, "Signature scheme"
 */
export function standardWebhookContent(id: string, timestampSeconds: number, body: string): string {
  return `${id}.${timestampSeconds}.${body}`;
}
