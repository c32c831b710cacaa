import { checkUserId } from '@portrait/wire';
import { UsageError } from '../config.ts';

/** @returns the UserID as it is @throws UsageError it is not 1 to 32 bytes of printable ASCII */
export function readUserId(raw: string): string {
  const fault = checkUserId(raw, '<userId>', 0);
  if (fault) throw new UsageError(`${fault.message}.`);
  return raw;
}
