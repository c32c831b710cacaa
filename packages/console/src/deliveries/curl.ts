/** A request as a command for a terminal. */

interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Curl makes these itself. */
const OWN = new Set(['content-length', 'host', 'connection', 'accept-encoding', 'transfer-encoding']);

export function formatCurl({ method, url, headers, body }: SentRequest): string {
  const named = Object.entries(headers).filter(([name]) => !OWN.has(name.toLowerCase()));
  return [
    `curl -i -X ${method} ${quote(url)}`,
    ...named.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    `--data-raw ${quote(body)}`,
  ].join(' \\\n  ');
}

/** For POSIX shells. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
