/** Word from a measurement to one of its processes, over HTTP: `POST /control/<verb>`. */
import { request } from 'undici';
import type { Child } from './child.ts';

/** Ask a process something; waits for the answer as long as it takes. @throws Error if it has no answer */
export async function control<T>(child: Child, verb: string, body: object = {}): Promise<T> {
  const url = `http://127.0.0.1:${child.port}/control/${verb}`;
  const answer = await request(url, { method: 'POST', body: JSON.stringify(body), headersTimeout: 0 });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${verb}: ${answer.statusCode} ${text}`);
  return JSON.parse(text) as T;
}
