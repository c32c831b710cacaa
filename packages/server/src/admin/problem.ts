/** Errors of the admin API: problem documents as in RFC 9457. */
import { STATUS_CODES } from 'node:http';
import { StoreError, type StoreErrorKind } from '../errors.ts';

/** One thing that is wrong with a request. */
export interface Fault {
  /** part of the request that `pointer` points into */
  readonly in: 'body' | 'query' | 'path';
  /** JSON Pointer of the member, as a URI fragment: `#/customFields/0/tag` */
  readonly pointer: string;
  /** what was expected and what came, unless that is a secret */
  readonly detail: string;
}

/** Body of an answer that is no success. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly errors?: readonly Fault[];
  /** of 410 at the change feed: where what is left of the log begins */
  readonly oldestCursor?: string;
}

/** A request to the admin API that can't be served. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly faults: readonly Fault[];
  readonly headers: Readonly<Record<string, string>>;
  readonly oldestCursor: string | undefined;

  /**
   * @param status  HTTP status, 400 or above
   * @param detail  sentence for the caller; empty = none
   */
  constructor(
    status: number,
    detail: string,
    more: {
      readonly faults?: readonly Fault[];
      readonly headers?: Record<string, string>;
      readonly oldestCursor?: string | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(detail, 'cause' in more ? { cause: more.cause } : undefined);
    this.status = status;
    this.faults = more.faults ?? [];
    this.headers = more.headers ?? {};
    this.oldestCursor = more.oldestCursor;
  }

  /** @param faults  one or more; the first stands in the sentence */
  static ofFaults(status: 400 | 409, faults: readonly Fault[]): Problem {
    const [first] = faults;
    const others = faults.length > 1 ? ` (and ${faults.length - 1} more, see errors)` : '';
    return new Problem(status, first ? `${nameOf(first)}: ${first.detail}${others}` : '', { faults });
  }

  static notFound(what: string): Problem {
    return new Problem(404, `there is no ${what}`);
  }

  /** The only catch-all. An unknown fault becomes 500 without a sentence; the original stays as `cause` for the log. */
  static from(thrown: unknown): Problem {
    if (thrown instanceof Problem) return thrown;
    if (thrown instanceof StoreError) return fromStoreError(thrown);
    return fromServerError(thrown) ?? new Problem(500, '', { cause: thrown });
  }

  toDocument(): ProblemDocument {
    return {
      type: 'about:blank',
      title: STATUS_CODES[this.status] ?? 'Error',
      status: this.status,
      ...(this.message && { detail: this.message }),
      ...(this.faults.length > 0 && { errors: this.faults }),
      ...(this.oldestCursor !== undefined && { oldestCursor: this.oldestCursor }),
    };
  }
}

function nameOf({ in: part, pointer }: Fault): string {
  const name = pointer.slice(2);
  if (part === 'body') return name || 'body';
  return part === 'query' ? `query parameter ${name}` : `path parameter ${name}`;
}

const STORE_STATUSES: Partial<Record<StoreErrorKind, number>> = {
  exists: 409,
  missing: 404,
  unavailable: 503,
  full: 503,
  'low-space': 507,
  'read-only': 503,
  overloaded: 503,
};

function fromStoreError(error: StoreError): Problem {
  const status = STORE_STATUSES[error.kind] ?? 500;
  if (status === 500) return new Problem(500, '', { cause: error });
  // the kind's own sentence: the error's text may tell more of the store than a caller should see
  const { message } = new StoreError(error.kind);
  return new Problem(status, message, { cause: error, ...(status === 503 && { headers: { 'retry-after': '1' } }) });
}

/** Refusals of the HTTP server itself, by its error codes. Its own sentences may quote the body, so they aren't used. */
const SERVER_PROBLEMS: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'the body is too large: at most 64 KiB'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'expected a body with content-type application/json'],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'the body is not valid JSON, or has a member __proto__'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'the body is not as long as content-length says'],
};

function fromServerError(thrown: unknown): Problem | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code = '', statusCode = 500 } = thrown as Error & { readonly code?: string; readonly statusCode?: number };
  const known = SERVER_PROBLEMS[code];
  if (known) return new Problem(...known, { cause: thrown });
  // a body that broke off, and the like
  return statusCode >= 400 && statusCode <= 499 ? new Problem(statusCode, '', { cause: thrown }) : undefined;
}
