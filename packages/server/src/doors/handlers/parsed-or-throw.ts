import type { Parsed } from '@portrait/wire';
import { ApiError } from '../../errors.ts';

/** The value of what wire parsed. @throws ApiError with wire's code and text */
export function parsedOrThrow<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value;
  throw ApiError.fromFault(parsed.fault);
}
