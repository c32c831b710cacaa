import type { components } from './schema.d.ts';

type Document = components['schemas']['Problem'];

/** A call that did not succeed. Status 0: no answer came. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly faults: NonNullable<Document['errors']>;
  /** seconds after which to try again, if the server said so */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    message: string,
    more: { faults?: Document['errors']; retryAfterSeconds?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.status = status;
    this.faults = more.faults ?? [];
    this.retryAfterSeconds = more.retryAfterSeconds;
  }

  /** @param body  a problem document, or whatever came in its place */
  static of(response: Response, body: unknown): ApiProblem {
    const { detail, title, errors } = (typeof body === 'object' && body !== null ? body : {}) as Partial<Document>;
    const seconds = Number(response.headers.get('retry-after'));
    return new ApiProblem(response.status, detail ?? title ?? response.statusText, {
      ...(errors && { faults: errors }),
      retryAfterSeconds: seconds > 0 ? seconds : undefined,
    });
  }

  static unreachable(cause: unknown): ApiProblem {
    return new ApiProblem(0, '', { cause });
  }

  /** @returns what is wrong with a member of the body */
  faultOf(member: string): string | undefined {
    const pointer = `#/${member}`;
    return this.faults.find((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`))?.detail;
  }
}
