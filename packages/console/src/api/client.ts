/** The admin API, called with the cookie of the session. */
import createClient from 'openapi-fetch';
import { ApiProblem } from './problem.ts';
import type { paths } from './schema.d.ts';

/** The cookie counts only together with this header, which no other site can send. */
export const CONSOLE_HEADERS: Readonly<Record<string, string>> = { 'x-portrait-console': '1' };

/** Told when the server no longer knows the session. */
let onSessionEnd: () => void = () => undefined;

export function whenSessionEnds(run: () => void): void {
  onSessionEnd = run;
}

export function endSession(): void {
  onSessionEnd();
}

/** Calls of the admin API, typed by its description. */
export const api: ReturnType<typeof createClient<paths>> = createClient<paths>({
  baseUrl: '',
  headers: CONSOLE_HEADERS,
  credentials: 'same-origin',
});

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** @returns the body of a success. @throws ApiProblem */
export async function take<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    throw ApiProblem.unreachable(cause);
  });
  if (response.ok) return data as T;
  const problem = ApiProblem.of(response, error);
  if (problem.status === 401) endSession();
  throw problem;
}
