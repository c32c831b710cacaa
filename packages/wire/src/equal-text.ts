/**
 * Compare two texts in a time that depends on their lengths only, for signatures.
 *
 * The expected text must have a length that is no secret.
 */
export function equalText(left: string, right: string): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let at = 0; at < left.length; at += 1) difference |= left.charCodeAt(at) ^ right.charCodeAt(at);
  return difference === 0;
}
