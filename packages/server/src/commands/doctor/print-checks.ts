/** How `portrait doctor` tells what it saw. */
import { styleText } from 'node:util';
import type { Check } from '../../doctor/check.ts';
import { print, printable } from '../output.ts';

const COLOURS = { ok: 'green', warning: 'yellow', problem: 'red', skipped: 'gray' } as const;
const STATUS_WIDTH = 7;
const AREA_WIDTH = 11;

/** Print a check for people: a line, and what to do below it. */
export function printCheck({ area, status, what, advice, endpointId }: Check): void {
  const which = endpointId === undefined ? '' : `${endpointId} `;
  const mark = styleText(COLOURS[status], status.padEnd(STATUS_WIDTH));
  print(`${mark}  ${area.padEnd(AREA_WIDTH)}  ${printable(which + what)}`);
  if (advice !== undefined) print(`${' '.repeat(STATUS_WIDTH + AREA_WIDTH + 4)}→ ${printable(advice)}`);
}
