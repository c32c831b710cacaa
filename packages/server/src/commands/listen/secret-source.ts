/** Where `portrait listen` has the secrets from that callbacks are verified with. */
import type { AppAnswer } from '../../admin/app-schemas.ts';
import type { EndpointAnswer } from '../../admin/endpoint-schemas.ts';
import type { AdminClient } from '../client.ts';
import { Failure } from '../failure.ts';

/** What is known for callbacks of one app. */
export interface Secrets {
  readonly tokens: readonly string[];
  readonly signingSecrets: readonly string[];
}

export interface SecretSource {
  /** @returns what is known by now; without either a callback can't be verified */
  find(sdkAppId: number): Secrets;
  /** Look again. Resolves after a look that began after the call. */
  refresh(): Promise<void>;
  /** @returns what the secrets are those of; undefined if there are none */
  origin(): string | undefined;
  /** @returns why there are none */
  reason(): string;
}

/** Secrets from the command line. */
export function givenSecrets(secrets: Secrets): SecretSource {
  return {
    find: () => secrets,
    refresh: async () => undefined,
    origin: () => 'the command line',
    reason: () => '',
  };
}

/** Secrets of a server's endpoints that have this port. */
export class ServerSecrets implements SecretSource {
  readonly #client: AdminClient;
  readonly #port: number;
  #endpoints: readonly (EndpointAnswer & { readonly sdkAppId: number })[] = [];
  #failure: string | undefined;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(client: AdminClient, port: number) {
    this.#client = client;
    this.#port = port;
  }

  find(sdkAppId: number): Secrets {
    const endpoints = this.#endpoints.filter((endpoint) => endpoint.sdkAppId === sdkAppId);
    return {
      tokens: endpoints.flatMap(({ token, previousToken }) => [...listOf(token), ...listOf(previousToken)]),
      signingSecrets: endpoints.flatMap(({ signingSecrets }) => signingSecrets),
    };
  }

  /** Callers that come while a look runs share the next one. */
  refresh(): Promise<void> {
    this.#next ??= this.#lookAfter(this.#running);
    return this.#next;
  }

  origin(): string | undefined {
    if (this.#endpoints.length === 0) return undefined;
    return `${this.#endpoints.map(({ endpointId }) => endpointId).join(', ')} at ${this.#client.server}`;
  }

  reason(): string {
    const url = `http://127.0.0.1:${this.#port}/callback`;
    return (
      this.#failure ??
      `${this.#client.server} has no endpoint with port ${this.#port}. Add one with: npx portrait endpoint add ${url}`
    );
  }

  async #lookAfter(before: Promise<void>): Promise<void> {
    await before;
    this.#running = this.#look();
    this.#next = undefined;
    await this.#running;
  }

  async #look(): Promise<void> {
    try {
      const apps = await this.#client.list<AppAnswer>('/apps');
      const found = await Promise.all(apps.map(({ sdkAppId }) => this.#endpointsOf(sdkAppId)));
      this.#endpoints = found.flat();
      this.#failure = undefined;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // what was known stays: the server may be restarting
      this.#failure = error.message;
    }
  }

  async #endpointsOf(sdkAppId: number): Promise<readonly (EndpointAnswer & { readonly sdkAppId: number })[]> {
    const endpoints = await this.#client.list<EndpointAnswer>(`/apps/${sdkAppId}/endpoints`, { reveal: 'true' });
    return endpoints.filter(({ url }) => portOf(url) === this.#port).map((endpoint) => ({ ...endpoint, sdkAppId }));
  }
}

/** A token that is none is null or empty. */
function listOf(token: string | null): readonly string[] {
  return token ? [token] : [];
}

function portOf(raw: string): number {
  const url = new URL(raw);
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80));
}
