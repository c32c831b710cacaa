/** An app on a running server, made through the admin API and used through the REST door. */
import assert from 'node:assert/strict';
import { until } from '../until.ts';
import { exchange, type HttpAnswer } from './http-exchange.ts';
import { assertOk, type CallOverrides, type RestAnswer, type RestCaller, restCall } from './rest-call.ts';
import { userSigOf } from './user-sig.ts';

/** A server, in this process or another; `url` may change with a restart. */
export interface Reachable {
  readonly url: string;
  readonly adminToken: string;
}

/** An answer of the admin API. */
export interface AdminAnswer extends HttpAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: JSON whose shape the admin API's own tests check
  readonly json: any;
}

/** One call of the admin API. @param path  behind `/admin/v1` */
export async function adminCall(server: Reachable, method: string, path: string, body?: unknown): Promise<AdminAnswer> {
  const headers = {
    authorization: `Bearer ${server.adminToken}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const answer = await exchange(`${server.url}/admin/v1${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { ...answer, json: answer.text === '' ? undefined : JSON.parse(answer.text) };
}

/** An endpoint as the admin API shows it when it is made: with its secrets. */
export interface TestEndpoint {
  readonly endpointId: string;
  readonly url: string;
  readonly token: string;
  readonly signingSecrets: readonly string[];
}

/** An item as it is written on the wire. */
export interface WireItem {
  readonly Tag: string;
  readonly Value: unknown;
}

/** A delivery as the admin API shows it. */
export interface ShownDelivery {
  readonly deliveryId: string;
  readonly eventId: string;
  /** null: the app has no endpoint */
  readonly endpointId: string | null;
  readonly userId: string;
  readonly sequence: number;
  readonly state: string;
  readonly attempts: readonly ShownAttempt[];
  readonly nextTryAt?: string;
  readonly why?: { readonly code: string; readonly text: string };
  readonly event: {
    readonly operator: string | null;
    readonly clientIp: string;
    readonly platform: string;
    readonly at: string;
    readonly items: readonly { readonly tag: string; readonly value: unknown }[];
    readonly previousItems: readonly { readonly tag: string; readonly value: unknown }[];
    readonly body: string;
  };
}

/** One attempt of it. */
export interface ShownAttempt {
  readonly number: number;
  readonly outcome: string;
  readonly reason?: string;
  readonly detail?: string;
  readonly status?: number;
  readonly answer?: string;
  readonly durationMs: number;
}

/** Members of an app that differ from the default: no rate limit, one custom field. */
export type AppBody = Readonly<Record<string, unknown>>;

/** Longer than the first three pauses between attempts take together. */
const PATIENCE_MS = 40_000;

const CUSTOM_FIELDS = [
  { tag: 'Tag_Profile_Custom_Data', type: 'string', read: ['user', 'admin'], write: ['user', 'admin'] },
];

/** Nick, and nothing else. */
export function nick(value: unknown): readonly WireItem[] {
  return [{ Tag: 'Tag_Profile_IM_Nick', Value: value }];
}

/** An app with an administrator who has a UserSig. */
export class TestApp {
  readonly sdkAppId: number;
  readonly secretKey: string;
  readonly #server: Reachable;
  readonly #sigs = new Map<string, string>();

  private constructor(server: Reachable, app: { readonly sdkAppId: number; readonly secretKey: string }) {
    this.#server = server;
    this.sdkAppId = app.sdkAppId;
    this.secretKey = app.secretKey;
  }

  /** Make the app. */
  static async create(server: Reachable, body: AppBody = {}): Promise<TestApp> {
    const made = await adminCall(server, 'POST', '/apps', {
      name: 'test',
      rateLimitPerSecond: 0,
      customFields: CUSTOM_FIELDS,
      ...body,
    });
    assert.equal(made.status, 201, made.text);
    return new TestApp(server, made.json);
  }

  /** An app that is there. */
  static async find(server: Reachable, sdkAppId: number): Promise<TestApp> {
    const found = await adminCall(server, 'GET', `/apps/${sdkAppId}?reveal=true`);
    assert.equal(found.status, 200, found.text);
    return new TestApp(server, found.json);
  }

  /** Who calls, with a UserSig of his own; the default is the administrator. */
  caller(identifier = 'administrator'): RestCaller {
    const userSig = this.#sigs.get(identifier) ?? userSigOf(this, identifier);
    this.#sigs.set(identifier, userSig);
    return { url: this.#server.url, sdkAppId: this.sdkAppId, identifier, userSig };
  }

  /** A call of the administrator. */
  call(path: string, body: unknown, overrides?: CallOverrides): Promise<RestAnswer> {
    return restCall(this.caller(), path, body, overrides);
  }

  /** `account_import`, one after the other. */
  async importUsers(...userIds: readonly string[]): Promise<void> {
    for (const userId of userIds) assertOk(await this.call('im_open_login_svc/account_import', { UserID: userId }));
  }

  /** `portrait_set` by the administrator, which must succeed. */
  async set(userId: string, items: readonly WireItem[], overrides?: CallOverrides): Promise<RestAnswer> {
    return assertOk(await this.call('profile/portrait_set', { From_Account: userId, ProfileItem: items }, overrides));
  }

  /** `portrait_get` of one user, which must succeed. @returns value of each tag that was set */
  async get(userId: string, tags: readonly string[] = ['Tag_Profile_IM_Nick']): Promise<Record<string, unknown>> {
    const answer = assertOk(await this.call('profile/portrait_get', { To_Account: [userId], TagList: tags }));
    const [row] = answer.reply.UserProfileItem as readonly { readonly ProfileItem: readonly WireItem[] }[];
    return Object.fromEntries((row?.ProfileItem ?? []).map(({ Tag, Value }) => [Tag, Value]));
  }

  async addEndpoint(url: string, body: Readonly<Record<string, unknown>> = {}): Promise<TestEndpoint> {
    const made = await this.admin('POST', '/endpoints', { url, ...body });
    assert.equal(made.status, 201, made.text);
    return made.json;
  }

  async patchEndpoint({ endpointId }: TestEndpoint, body: Readonly<Record<string, unknown>>): Promise<void> {
    const changed = await this.admin('PATCH', `/endpoints/${endpointId}`, body);
    assert.equal(changed.status, 200, changed.text);
  }

  /** `pause` or `resume`. */
  async turnEndpoint({ endpointId }: TestEndpoint, action: 'pause' | 'resume'): Promise<void> {
    const changed = await this.admin('POST', `/endpoints/${endpointId}/${action}`);
    assert.equal(changed.status, 200, changed.text);
  }

  async removeEndpoint({ endpointId }: TestEndpoint): Promise<void> {
    const removed = await this.admin('DELETE', `/endpoints/${endpointId}`);
    assert.equal(removed.status, 204, removed.text);
  }

  /** A call of the admin API. @param path  behind `/admin/v1/apps/{sdkAppId}` */
  admin(method: string, path: string, body?: unknown): Promise<AdminAnswer> {
    return adminCall(this.#server, method, `/apps/${this.sdkAppId}${path}`, body);
  }

  /** All deliveries, oldest first. @param query  `userId=…&endpointId=…` */
  async deliveries(query = ''): Promise<readonly ShownDelivery[]> {
    const items: ShownDelivery[] = [];
    let cursor = '';
    for (;;) {
      const page = await this.admin('GET', `/deliveries?limit=100&${query}${cursor}`);
      assert.equal(page.status, 200, page.text);
      items.push(...page.json.items);
      if (page.json.nextCursor === null) return items.reverse();
      cursor = `&cursor=${encodeURIComponent(page.json.nextCursor)}`;
    }
  }

  /** One delivery with the answers of its attempts. */
  async delivery(deliveryId: string): Promise<ShownDelivery> {
    const shown = await this.admin('GET', `/deliveries/${deliveryId}`);
    assert.equal(shown.status, 200, shown.text);
    return shown.json;
  }

  /** Wait until every delivery is `delivered` (or one of `states`). @returns all of them, oldest first */
  async untilSettled(query = '', states: readonly string[] = ['delivered']): Promise<readonly ShownDelivery[]> {
    let last: readonly ShownDelivery[] = [];
    const describe = (): string => last.map(({ userId, sequence, state }) => `${userId}/${sequence} ${state}`).join();
    return await until(
      async () => {
        last = await this.deliveries(query);
        return last.every(({ state }) => states.includes(state)) && last;
      },
      { what: () => `deliveries to be ${states.join(' or ')}: ${describe()}`, withinMs: PATIENCE_MS },
    );
  }
}
