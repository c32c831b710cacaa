/** Speaks to a running server: its admin API and, as an administrator, its REST door. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { AppAnswer } from '../admin/app-schemas.ts';
import type { ProblemDocument } from '../admin/problem.ts';
import { type ClientConfig, clientOptions, readClientConfig, UsageError } from '../config.ts';
import { addSettings, type CommandTexts, newCommand, option } from './command-line.ts';
import { describeProblem } from './describe-problem.ts';
import { Failure, Unreachable } from './failure.ts';
import { shortestPath } from './output.ts';

/** Options that every client command has. */
export interface ClientFlags {
  readonly json?: boolean;
}

const DEADLINE_MS = 60_000;
const TOKEN_FILE = 'admin-token';

/** Make a command that speaks to a server: {@link newCommand} with `--server`, `--admin-token`, `--data`, `--app`, `--json`. */
export function newClientCommand(
  name: string,
  { withoutApp = false, ...texts }: CommandTexts & { readonly withoutApp?: boolean },
): Command {
  const command = newCommand(name, texts);
  command.addOption(option('--json', 'print JSON for programs'));
  return addSettings(command, clientOptions({ withApp: !withoutApp }), 'Which server:');
}

/** The way to a server, by the flags of a command, the environment, the configuration file and the data folder. */
export function openClient(flags: object): AdminClient {
  return new AdminClient(
    readClientConfig({ flags: flags as Record<string, unknown>, env: process.env, cwd: process.cwd() }),
  );
}

type Query = Readonly<Record<string, string | number | undefined>>;

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** null on the last */
  readonly nextCursor: string | null;
}

/** A running server, as its administrator. All methods throw {@link Failure} with a sentence for people. */
export class AdminClient {
  readonly server: string;
  readonly #config: ClientConfig;

  constructor(config: ClientConfig) {
    this.server = config.server;
    this.#config = config;
  }

  get<T>(path: string, query: Query = {}): Promise<T> {
    return this.#call('GET', withQuery(path, query));
  }

  /**
   * GET a stream of server-sent events, as text. It has no deadline.
   *
   * @throws Unreachable no answer, or 503
   */
  async stream(
    path: string,
    query: Query,
    { lastEventId, signal }: { readonly lastEventId: string | undefined; readonly signal: AbortSignal },
  ): Promise<ReadableStream<string>> {
    const token = this.#token();
    const headers = {
      ...authorizationOf(token),
      accept: 'text/event-stream',
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    const response = await this.#fetch(`/admin/v1${withQuery(path, query)}`, { headers, signal });
    if (response.ok && response.body) return response.body.pipeThrough(new TextDecoderStream());
    throw this.#failureOf(response, await this.#readJson(response), token);
  }

  send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> {
    return this.#call(method, path, body);
  }

  /** All items of a list, page after page. */
  async list<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<readonly T[]> {
    const items: T[] = [];
    let cursor: string | undefined;
    do {
      const page: Page<T> = await this.get(path, { ...query, cursor });
      items.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return items;
  }

  /**
   * The app that is meant: the one of `--app`, or the only one there is.
   *
   * @throws UsageError there are several
   */
  async appId(): Promise<number> {
    if (this.#config.sdkAppId !== undefined) return this.#config.sdkAppId;
    const apps = await this.list<AppAnswer>('/apps');
    if (apps[0] !== undefined && apps.length === 1) return apps[0].sdkAppId;
    if (apps.length === 0) throw new Failure(`${this.server} has no app; make one with: npx portrait app create`);
    const names = apps.map(({ sdkAppId, name }) => `${sdkAppId} (${name})`).join(', ');
    throw new UsageError(`There are several apps, choose one with --app: ${names}.`);
  }

  /** Path of what belongs to the app that is meant: `/apps/1400000001/endpoints`. */
  async appPath(rest = ''): Promise<string> {
    return `/apps/${await this.appId()}${rest}`;
  }

  /** The app that is meant, with its secret key. */
  async revealApp(): Promise<AppAnswer & { readonly secretKey: string }> {
    const app = await this.get<AppAnswer>(await this.appPath(), { reveal: 'true' });
    if (!app.secretKey) throw new Failure(`The app ${app.sdkAppId} has no secret key.`);
    return { ...app, secretKey: app.secretKey };
  }

  /** POST to the REST door. @returns status and parsed answer */
  async rest(path: string, query: URLSearchParams, body: unknown): Promise<unknown> {
    const response = await this.#fetch(`/v4/${path}?${query}`, { method: 'POST', body: JSON.stringify(body) });
    return this.#readJson(response);
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const token = this.#token();
    const response = await this.#fetch(`/admin/v1${path}`, {
      method,
      headers: {
        ...authorizationOf(token),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (response.status === 204) return undefined as T;
    const answer = await this.#readJson(response);
    if (response.ok) return answer as T;
    throw this.#failureOf(response, answer, token);
  }

  #failureOf({ status }: Response, answer: unknown, token: string | undefined): Failure {
    if (status === 401) return this.#refused(token);
    return new (status === 503 ? Unreachable : Failure)(describeProblem(answer as ProblemDocument));
  }

  /** Read each time: a server that was set up anew has a new one. */
  #token(): string | undefined {
    return this.#config.adminToken ?? readToken(this.#config.dataDir);
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(this.server + path, {
        signal: AbortSignal.timeout(DEADLINE_MS),
        redirect: 'error',
        ...init,
      });
    } catch (error) {
      throw new Unreachable(
        `No Portrait answers at ${this.server}${whyNot(error)}. Start one with: npx portrait serve`,
        {
          cause: error,
        },
      );
    }
  }

  async #readJson(response: Response): Promise<unknown> {
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      throw new Failure(`What answers at ${this.server} (status ${response.status}) is not Portrait's admin API.`);
    }
  }

  #refused(token: string | undefined): Failure {
    const file = shortestPath(join(this.#config.dataDir, TOKEN_FILE));
    if (token === undefined) {
      return new Failure(
        `${this.server} asks for its admin token and there is no file ${file}: ` +
          'name its data folder with --data, or set PORTRAIT_ADMIN_TOKEN.',
      );
    }
    const source = this.#config.adminToken === undefined ? `in ${file}` : 'given';
    return new Failure(`The admin token ${source} is not the one of ${this.server}.`);
  }
}

function withQuery(path: string, query: Query): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, `${value}`);
  return given.size === 0 ? path : `${path}?${given}`;
}

function authorizationOf(token: string | undefined): { readonly authorization?: string } {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

function readToken(dataDir: string): string | undefined {
  const path = join(dataDir, TOKEN_FILE);
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new Failure(`${path} can not be read: ${code}.`, { cause: error });
  }
}

/** @returns ` (ENOTFOUND)`; nothing if the connection was refused, which needs no words */
function whyNot(error: unknown): string {
  const { name, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  if (name === 'TimeoutError') return ` within ${DEADLINE_MS / 1000} s`;
  const why = cause?.code ?? cause?.message;
  return why === undefined || why === 'ECONNREFUSED' ? '' : ` (${why})`;
}
