/** Reads docs/sdk-calls.md. */
import { readFileSync } from 'node:fs';

/** A row about a method. */
export interface CallRow {
  readonly method: string;
  /** with `@tencentcloud/chat` */
  readonly chat: string;
  /** with `tim-js-sdk` */
  readonly tim: string;
  readonly remark: string;
}

/** A row about a servcmd, or `service.*` for all others of a service. */
export interface ServcmdRow {
  readonly servcmd: string;
  readonly answer: string;
}

/** The tables of the page. */
export interface Page {
  readonly calls: readonly CallRow[];
  readonly servcmds: readonly ServcmdRow[];
}

const FILE = new URL('../../../../../docs/sdk-calls.md', import.meta.url);

/** Read it anew. */
export function readPage(): Page {
  const rows = readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => /^\| `[\w.*]+` \|/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const calls: CallRow[] = [];
  const servcmds: ServcmdRow[] = [];
  for (const [, name = '', first = '', second = '', third = ''] of rows) {
    const key = name.replaceAll('`', '');
    if (key.includes('.')) servcmds.push({ servcmd: key, answer: first });
    else calls.push({ method: key, chat: first, tim: second, remark: third });
  }
  return { calls, servcmds };
}

/** Servcmds that a remark names. */
export function servcmdsIn(remark: string): readonly string[] {
  return [...remark.matchAll(/`([a-z0-9_]+\.[a-z0-9_]+)`/g)].map(([, servcmd = '']) => servcmd);
}

/** The row about a servcmd, else that about its service. */
export function rowOf({ servcmds }: Page, servcmd: string): ServcmdRow | undefined {
  const service = servcmd.slice(0, servcmd.indexOf('.'));
  return servcmds.find((row) => row.servcmd === servcmd) ?? servcmds.find((row) => row.servcmd === `${service}.*`);
}
