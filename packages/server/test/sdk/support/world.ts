/** A server with an app, and official clients of its users. */
import type { Owner } from '../../support/live/cleanup.ts';
import { type AppBody, type Reachable, TestApp, type WireItem } from '../../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../../support/live/test-server.ts';
import { userSigOf } from '../../support/live/user-sig.ts';
import { until } from '../../support/until.ts';
import type { SdkClientOptions } from './recorded-client.ts';
import { type SdkClient, startSdkClient } from './sdk-client.ts';

/** What is unlike a client of `@tencentcloud/chat` on `/binfo`. */
export type ClientOverrides = Partial<SdkClientOptions>;

/** A field that users may not write, and one that they don't even see. */
export const CUSTOM_FIELDS = [
  { tag: 'Tag_Profile_Custom_Data', type: 'string', read: ['user', 'admin'], write: ['user', 'admin'] },
  { tag: 'Tag_Profile_Custom_Rank', type: 'string', read: ['user', 'admin'], write: ['admin'] },
  { tag: 'Tag_Profile_Custom_Note', type: 'string', read: ['admin'], write: ['admin'] },
];

/** Start a server with an app; its owner closes it. */
export async function startWorld(
  owner: Owner,
  { flags = {}, app = {} }: { readonly flags?: Readonly<Record<string, string>>; readonly app?: AppBody } = {},
): Promise<World<TestServer>> {
  const server = await startTestServer(owner, { flags });
  return await World.on(server, app);
}

/** One app on a server, in this process or another. */
export class World<S extends Reachable> {
  readonly server: S;
  readonly app: TestApp;

  private constructor(server: S, app: TestApp) {
    this.server = server;
    this.app = app;
  }

  static async on<S extends Reachable>(server: S, app: AppBody = {}): Promise<World<S>> {
    return new World(server, await TestApp.create(server, { customFields: CUSTOM_FIELDS, ...app }));
  }

  userSig(userId: string): string {
    return userSigOf(this.app, userId);
  }

  /** A client with nobody logged in. */
  client(owner: Owner, overrides: ClientOverrides = {}): Promise<SdkClient> {
    return startSdkClient(owner, { url: this.server.url, sdkAppId: this.app.sdkAppId, ...overrides });
  }

  /** A client of this user, ready. */
  async loggedIn(owner: Owner, userId: string, overrides: ClientOverrides = {}): Promise<SdkClient> {
    const client = await this.client(owner, { label: userId, ...overrides });
    await client.login(userId, this.userSig(userId));
    return client;
  }

  /** A change of an administrator, over REST. */
  async set(userId: string, ...items: readonly WireItem[]): Promise<void> {
    await this.app.set(userId, items);
  }

  /** `query_online_status` of one user: Online, Offline or PushOnline. */
  async status(userId: string): Promise<string> {
    const { reply } = await this.app.call('openim/query_online_status', { To_Account: [userId] });
    const [row] = reply.QueryResult as readonly { readonly Status: string }[];
    return row?.Status ?? `code ${reply.ErrorCode}`;
  }

  async untilStatus(userId: string, wanted: string, withinMs?: number): Promise<void> {
    let last = '';
    const look = async (): Promise<boolean> => {
      last = await this.status(userId);
      return last === wanted;
    };
    await until(look, {
      what: () => `${userId} to be ${wanted}, is ${last}`,
      ...(withinMs !== undefined && { withinMs }),
    });
  }
}
