/** What commands print: lines, tables and JSON on stdout. */
import { relative } from 'node:path';

/** Print one line, or several. */
export function print(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** Print a value as JSON, indented. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2));
}

/** Print rows under headings, in columns. */
export function printTable(headings: readonly string[], rows: readonly (readonly string[])[]): void {
  print(formatTable([headings.map((heading) => heading.toUpperCase()), ...rows]));
}

/** Print names and what they stand for; a value of undefined is left out. */
export function printFacts(facts: readonly (readonly [name: string, value: string | undefined])[]): void {
  const rows = facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  print(formatTable(rows));
}

/** @returns rows as lines, columns two blanks apart; no control characters */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of cells) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));
  }
  return cells
    .map((row) => row.map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - widthOf(cell))))
    .map((row) => row.join('  ').trimEnd())
    .join('\n');
}

/** @returns text that can't move the cursor or colour a terminal: control characters as `\u001b` */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const ASCII = /^[\x20-\x7e]*$/;
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/u;
const NONE = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** @returns columns of a terminal that the text takes */
function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += WIDE.test(character) ? 2 : NONE.test(character) ? 0 : 1;
  return width;
}

/** @returns the path as one would type it in `cwd`: relative if it is below */
export function shortestPath(path: string, cwd: string = process.cwd()): string {
  const near = relative(cwd, path) || '.';
  return near.startsWith('..') ? path : near;
}

/** @returns words that a shell reads as they are */
export function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
