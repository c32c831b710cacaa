import type { IncomingMessage } from 'node:http';

/** The body is longer than it may be. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/** The caller went away before the body was whole. */
export class ConnectionEndedError extends Error {
  override readonly name = 'ConnectionEndedError';
}

/** A body that is too long is still read so far, and thrown away: cut off in its middle, many clients never see the answer. */
const MAX_DISCARDED_BYTES = 8 * 1_048_576;

/**
 * Read a request's body.
 *
 * @throws BodyTooLargeError beyond `maxBytes`; ConnectionEndedError
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else chunks = [];
      if (bytes > MAX_DISCARDED_BYTES) request.destroy();
    });
    request.once('end', () => {
      if (bytes > maxBytes) reject(new BodyTooLargeError());
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    request.once('error', (cause) => reject(new ConnectionEndedError('the connection broke', { cause })));
    request.once('close', () => {
      if (!request.complete) reject(new ConnectionEndedError('the connection ended'));
    });
  });
}
