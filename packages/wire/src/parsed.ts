/**
 * Why something from outside was refused.
 *
 * `code` stands in ERROR_CODES. `message` is one sentence for the caller: the field, the value (shortened, never a
 * secret) and the limit.
 */
export interface WireFault {
  readonly code: number;
  readonly message: string;
}

/** What a parser gives back: the value, or the fault. Parsers never throw. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: WireFault };

/** Wrap a parsed value. */
export function parsedOk<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** Wrap a refusal; `code` from ERROR_CODES, `message` as in WireFault. */
export function parsedFault(code: number, message: string): { readonly ok: false; readonly fault: WireFault } {
  return { ok: false, fault: { code, message } };
}
