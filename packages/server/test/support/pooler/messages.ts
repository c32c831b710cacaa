/** Messages of PostgreSQL's protocol, as far as a pooler has to know them. */

/** Splits a stream into messages: a letter, four bytes of length, the rest. */
export class Messages {
  #rest: Buffer = Buffer.alloc(0);

  push(data: Buffer): void {
    this.#rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
  }

  /** @param headBytes  in front of the length; the first message of a client has no letter */
  next(headBytes = 1): Buffer | undefined {
    if (this.#rest.length < headBytes + 4) return undefined;
    const length = headBytes + this.#rest.readInt32BE(headBytes);
    if (this.#rest.length < length) return undefined;
    const message = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return message;
  }
}

/** A message. Text ends with a zero byte, numbers have four bytes. */
export function message(type: string, ...parts: readonly (string | Buffer | number)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(`${part}\0`);
      if (typeof part !== 'number') return part;
      const number = Buffer.alloc(4);
      number.writeInt32BE(part);
      return number;
    }),
  );
  const head = Buffer.alloc(5, type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** Text up to the next zero byte. */
export function textAt(data: Buffer, start: number): string {
  return data.toString('utf8', start, data.indexOf(0, start));
}
