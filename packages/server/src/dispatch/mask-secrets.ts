/** Headers whose values open something; a signature opens nothing. */
const SECRET = /authorization|cookie|token|secret|password|api-?key|credential/i;
const MASK = '***';

/** @param headers  names and values by turns. @returns the same, with `***` for values that nobody else is to read */
export function maskSecrets(headers: readonly string[]): string[] {
  return headers.map((text, at) => (at % 2 === 1 && SECRET.test(headers[at - 1] ?? '') ? MASK : text));
}
