/** Talks to a Portrait under measurement. */
import { Pool, request } from 'undici';
import type { Child } from './child.ts';
import { postBytes } from './load.ts';
import { openLoop } from './open-loop.ts';

/** Users that take part. */
const USERS = Number(process.env.USERS ?? 10_000);

/** The app that the server was started with. */
export interface BenchApp {
  readonly sdkAppId: number;
  readonly secretKey: string;
  /** of the administrator */
  readonly userSig: string;
}

/** Call the admin API. @throws Error if it refuses */
// biome-ignore lint/suspicious/noExplicitAny: answers are looked at by hand here
export async function admin<T = any>(
  server: Child,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
): Promise<T> {
  const answer = await request(`http://127.0.0.1:${server.port}/admin/v1${path}`, {
    method,
    headers: { authorization: 'Bearer bench', ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as T;
}

/** Path and query of a REST command as the administrator. */
export function restPath(app: BenchApp, command: string): string {
  const query = `sdkappid=${app.sdkAppId}&identifier=administrator&usersig=${app.userSig}&random=1&contenttype=json`;
  return `/v4/${command}?${query}`;
}

/** Lift the rate limit and make the users. */
export async function prepare(server: Child): Promise<BenchApp> {
  const app = server.ready as unknown as BenchApp;
  await prepareApp(server, app);
  return app;
}

/** The same for any app. */
export async function prepareApp(server: Child, app: BenchApp): Promise<void> {
  await admin(server, 'PATCH', `/apps/${app.sdkAppId}`, { rateLimitPerSecond: 0 });
  for (let first = 0; first < USERS; first += 100) {
    const body = { Accounts: Array.from({ length: 100 }, (_, index) => userName(first + index)) };
    const url = `http://127.0.0.1:${server.port}${restPath(app, 'im_open_login_svc/multiaccount_import')}`;
    await (await request(url, { method: 'POST', body: JSON.stringify(body) })).body.dump();
  }
}

/** One of the users that `prepare` makes. */
export function userName(index: number): string {
  return `user_${String(index).padStart(5, '0')}`;
}

/** The body of a typical portrait_set. @param number  stands in the nick */
export function portraitSetOf(userId: string, number: number): object {
  return {
    From_Account: userId,
    ProfileItem: [
      { Tag: 'Tag_Profile_IM_Nick', Value: `Nick ${number}` },
      { Tag: 'Tag_Profile_IM_Image', Value: `https://example.com/avatars/${number}.png` },
      { Tag: 'Tag_Profile_IM_Level', Value: number % 100 },
    ],
  };
}

/** So many requests are made before they are needed, and sent again after that, where users are not more: to make one takes 4 µs of the cores that all share. */
const PREPARED_REQUESTS = 50_000;

/** A stream of portrait_set requests, each user in turn in a scattered order; with `spread`, users lie so far apart. */
export function portraitSets(app: BenchApp, { users = USERS, spread = 1 } = {}): () => Buffer {
  const path = restPath(app, 'profile/portrait_set');
  const make = (index: number): Buffer => {
    const number = ((index + 1) * 7_919) % 1_000_003;
    return postBytes(path, JSON.stringify(portraitSetOf(userName((number % users) * spread), number)));
  };
  const requests = Array.from({ length: users > PREPARED_REQUESTS ? 0 : PREPARED_REQUESTS }, (_, index) => make(index));
  let index = 0;
  return () => {
    index += 1;
    return requests[(index - 1) % requests.length] ?? make(index - 1);
  };
}

/**
 * Change profiles at an even rate, whatever the answers' time: open loop.
 *
 * @returns for each change, by the number in its nick, when its reply was read: epoch milliseconds
 */
export async function paced(options: {
  readonly server: Child;
  readonly app: BenchApp;
  readonly perSecond: number;
  readonly total: number;
}): Promise<Map<number, number>> {
  const { server, app, perSecond, total } = options;
  const pool = new Pool(`http://127.0.0.1:${server.port}`, { connections: 64, pipelining: 1 });
  const path = restPath(app, 'profile/portrait_set');
  const repliedAt = new Map<number, number>();
  const one = async (index: number): Promise<void> => {
    const body = JSON.stringify(portraitSetOf(userName(index % USERS), index));
    const answer = await pool.request({ method: 'POST', path, body });
    await answer.body.dump();
    repliedAt.set(index, performance.timeOrigin + performance.now());
  };
  await openLoop({ perSecond, total, one });
  await pool.close();
  return repliedAt;
}
