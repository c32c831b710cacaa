/**
 * Send bytes through a transform stream and collect what comes out.
 *
 * Stops reading, and cancels the stream, as soon as more than `maxBytes` came: a bomb costs one chunk.
 *
 * @returns the bytes, or undefined when the stream refused its input or gave too much
 */
export async function pipeBytes(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  feed(bytes, stream);
  const reader = stream.readable.getReader();
  const chunks: Uint8Array[] = [];
  let totalBytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return join(chunks, totalBytes);
      totalBytes += value.length;
      if (totalBytes > maxBytes) break;
      chunks.push(value);
    }
    await reader.cancel();
    return undefined;
  } catch {
    return undefined;
  }
}

/** Not awaited: a failure reaches the reader too, and writing may wait until somebody reads. */
function feed(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream): void {
  const writer = stream.writable.getWriter();
  const ignore = (): void => {};
  writer.write(bytes).catch(ignore);
  writer.close().catch(ignore);
}

function join(chunks: readonly Uint8Array[], totalBytes: number): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(totalBytes);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}
