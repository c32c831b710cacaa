/** How `portrait trigger` tells what it saw. */
import { styleText } from 'node:util';
import type { Finding } from '../../trigger/finding.ts';
import type { PostResult } from '../../trigger/send.ts';
import type { Trial, TriedCallback } from '../../trigger/trigger.ts';
import { print, printable } from '../output.ts';

const TITLE_WIDTH = 40;
const SHOWN_ANSWER_CHARACTERS = 200;
const KEPT_ANSWER_CHARACTERS = 4096;

/** One line for each callback, as its answer comes; what came back too, if it is not what was expected. */
export function printTried({ title, expected, isAsExpected, result }: TriedCallback): void {
  const mark = isAsExpected ? styleText('green', 'ok   ') : styleText('red', 'WRONG');
  print(`${mark}  ${title.padEnd(TITLE_WIDTH)}  ${describeResult(result, expected)}`);
  if (!isAsExpected && result.kind === 'answer' && result.text !== '') {
    print(`       ${printable(result.text.slice(0, SHOWN_ANSWER_CHARACTERS))}`);
  }
}

function describeResult(result: PostResult, expected: TriedCallback['expected']): string {
  const should = `should be ${expected}`;
  if (result.kind === 'answer') return `status ${result.status} after ${result.durationMs.toFixed(1)} ms, ${should}`;
  return `${result.kind === 'fault' ? printable(result.detail) : 'stopped'}, ${should}`;
}

/** What is wrong, and what to do. */
export function printFindings({ findings }: Trial): void {
  print();
  if (findings.length === 0) print('All well: it takes what it should, and refuses what it should.');
  for (const finding of findings) printFinding(finding);
}

function printFinding({ kind, what, advice }: Finding): void {
  print(`${kind === 'problem' ? styleText('red', 'Problem') : styleText('yellow', 'Note')}: ${printable(what)}`);
  print(`  ${advice}`);
}

/** @returns all of it, for programs */
export function reportJson(
  target: { readonly url: string; readonly sdkAppId: number; readonly command: string },
  { tried, findings }: Trial,
): object {
  const callbacks = tried.map(({ result, ...one }) => ({ ...one, ...resultJson(result) }));
  return { ...target, ok: findings.every(({ kind }) => kind !== 'problem'), findings, callbacks };
}

function resultJson(result: PostResult): object {
  if (result.kind === 'shutdown') return {};
  const { durationMs, timings } = result;
  if (result.kind === 'fault')
    return { failure: { reason: result.reason, detail: result.detail }, durationMs, timings };
  const contentType = [result.headers['content-type'] ?? []].flat()[0];
  const body = result.text.slice(0, KEPT_ANSWER_CHARACTERS);
  return { answer: { status: result.status, contentType, body }, durationMs, timings };
}
