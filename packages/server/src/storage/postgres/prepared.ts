/**
 * Statements that a connection prepares once, and from then on only carries out: what is sent a thousand times a second costs the server more to plan
 * than to do.
 */
import { createHash } from 'node:crypto';

/** A statement with the name that connections know it by. */
export interface PreparedSql {
  readonly name: string;
  readonly text: string;
}

/**
 * @param text  names its result columns one by one: a connection refuses a prepared `SELECT *` once a newer node has added a column
 * @returns it under a name that no other text has, in any version of this program: behind a pooler they may share a connection
 */
export function prepared(text: string): PreparedSql {
  return { name: `portrait_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`, text };
}
