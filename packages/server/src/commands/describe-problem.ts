import type { ProblemDocument } from '../admin/problem.ts';

/** @returns one line per error of a problem document */
export function describeProblem({ title, detail, errors = [], oldestCursor }: ProblemDocument): string {
  const whole = detail ?? title;
  const more = oldestCursor === undefined ? '' : `\noldestCursor: ${oldestCursor}`;
  if (errors.length === 0) return endSentence(whole.charAt(0).toUpperCase() + whole.slice(1)) + more;
  return errors.map((error) => `${nameOf(error.pointer)}: ${endSentence(error.detail)}`).join('\n');
}

function nameOf(pointer: string): string {
  return pointer.replace(/^#\//, '').replaceAll('/', '.') || 'request';
}

function endSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
