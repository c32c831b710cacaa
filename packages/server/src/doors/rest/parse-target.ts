/** The request target of a REST call, taken apart. */

/** `/v4/<service>/<command>?…`; `query` has a list where a parameter stands more than once. */
export interface RestTarget {
  readonly service: string;
  readonly command: string;
  readonly query: ReadonlyMap<string, string | readonly string[]>;
}

const PREFIX = '/v4/';
const MAX_PARAMETERS = 32;

/** @returns undefined if it is not of this form, or an escape in it is malformed */
export function parseRestTarget(target: string): RestTarget | undefined {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const [service, command, ...rest] = path.slice(PREFIX.length).split('/');
  if (!path.startsWith(PREFIX) || !service || !command || rest.join('') !== '') return undefined;
  const query = mark < 0 ? new Map() : parseQuery(target.slice(mark + 1));
  return query && { service, command, query };
}

/** A UserSig is written without escapes, so that nearly all queries are only cut, not decoded. */
function parseQuery(text: string): Map<string, string | string[]> | undefined {
  const query = new Map<string, string | string[]>();
  const parts = text.split('&', MAX_PARAMETERS);
  for (const part of parts) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    const value = decode(equals < 0 ? '' : part.slice(equals + 1));
    if (name === undefined || value === undefined) return undefined;
    const before = query.get(name);
    query.set(name, before === undefined ? value : [before, value].flat());
  }
  return query;
}

function decode(text: string): string | undefined {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
