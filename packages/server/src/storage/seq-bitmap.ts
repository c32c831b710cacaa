/** Sequence numbers a little above a cursor, as a bitmap: bit i of byte b stands for `cursor + 1 + 8b + i`. */

/** @param seqs  all above `cursor` */
export function encodeSeqs(cursor: number, seqs: readonly number[]): Uint8Array {
  const highest = seqs.reduce((max, seq) => Math.max(max, seq), cursor);
  const bitmap = new Uint8Array(Math.ceil((highest - cursor) / 8));
  for (const seq of seqs) {
    const bit = seq - cursor - 1;
    bitmap[bit >> 3] = (bitmap[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  return bitmap;
}

/** @returns the seqs, in order */
export function decodeSeqs(cursor: number, bitmap: Uint8Array): number[] {
  const seqs: number[] = [];
  for (const [index, byte] of bitmap.entries()) {
    for (let bit = 0; bit < 8; bit += 1) {
      if (byte & (1 << bit)) seqs.push(cursor + 1 + index * 8 + bit);
    }
  }
  return seqs;
}
