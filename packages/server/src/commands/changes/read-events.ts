/** What came of a stream of server-sent events. */
export interface ServerEvent {
  /** where to go on; stays that of the event before if this one has none */
  readonly id: string | undefined;
  /** undefined: only a place, or a sign of life */
  readonly data: string | undefined;
}

/**
 * Events of a stream, whole ones only: what is cut off was not received.
 *
 * @see WHATWG HTML, "Server-sent events"; lines end in LF here, as the server writes them
 */
export async function* readEvents(text: ReadableStream<string>): AsyncGenerator<ServerEvent> {
  let id: string | undefined;
  let rest = '';
  for await (const chunk of text) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data: string[] = [];
      for (const line of block.split('\n')) {
        const [, name, value = ''] = /^(id|data): ?(.*)$/.exec(line) ?? [];
        if (name === 'id') id = value;
        else if (name === 'data') data.push(value);
      }
      yield { id, data: data.length === 0 ? undefined : data.join('\n') };
    }
  }
}
