/** Errors that end a request, and errors of the store. */
import { errorText, type WireFault } from '@portrait/wire';

/** A request that can't be served: the protocol's code and a sentence for the caller. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;

  /**
   * @param code     one of wire's error codes
   * @param message  what the caller reads: names the thing, the value (unless secret) and the limit
   */
  constructor(code: number, message: string = errorText(code), options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  static fromFault(fault: WireFault): ApiError {
    return new ApiError(fault.code, fault.message);
  }

  /**
   * The only catch-all: makes an ApiError of any thrown value. A fault of the store becomes 40006, and an unknown
   * one `internalCode`, both without detail for the caller; the original stays as `cause` for the log.
   */
  static from(thrown: unknown, internalCode = 40006): ApiError {
    if (thrown instanceof ApiError) return thrown;
    if (thrown instanceof StoreError) {
      const message = `Internal error in the profile service: ${STORE_TEXTS[thrown.kind]}`;
      // told once, by the disk's watch: a line for each refused call would fill the disk that is nearly full
      return new ApiError(40006, message, thrown.kind === 'low-space' ? {} : { cause: thrown });
    }
    return new ApiError(internalCode, errorText(internalCode), { cause: thrown });
  }
}

/** What can go wrong in a store, whatever the engine. */
export type StoreErrorKind =
  /** no space left, or a quota is reached: nothing was written */
  | 'full'
  /** free space is below the reserve that is kept for settling what is under way: nothing was written */
  | 'low-space'
  /** the medium refuses writes: nothing was written */
  | 'read-only'
  /** not reachable, closed, or an I/O fault: whether a write took place is told by reading again */
  | 'unavailable'
  /** too many writes wait already: nothing was written */
  | 'overloaded'
  /** a row with this key is there already */
  | 'exists'
  /** no such row */
  | 'missing'
  /** the lane belongs to another dispatcher now: nothing was written */
  | 'lease-lost'
  /** another process has the store open, or it is not one that this program can open */
  | 'refused';

const STORE_TEXTS: Record<StoreErrorKind, string> = {
  full: 'the store has no space left, nothing was written',
  'low-space': 'the disk is nearly full, changes are refused until there is space again, nothing was written',
  'read-only': 'the store can not be written to, nothing was written',
  unavailable: 'the store does not answer',
  overloaded: 'too many changes wait, try again',
  exists: 'it exists already',
  missing: 'it does not exist',
  'lease-lost': 'the lane belongs to another process',
  refused: 'the store can not be opened',
};

/** A fault of the store; `kind` tells faults apart, never the text. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string = STORE_TEXTS[kind], options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
