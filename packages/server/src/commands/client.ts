/** Speaks to a running server: its admin API and, as an administrator, its REST door. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Command } from 'commander';
import type { AppAnswer } from '../admin/app-schemas.ts';
import type { ProblemDocument } from '../admin/problem.ts';
import { CLIENT_SETTINGS, type ClientConfig, readClientConfig, UsageError } from '../config.ts';
import { addSettings, newCommand, option } from './command-line.ts';
import { Failure } from './failure.ts';

/** Options that every client command has. */
export interface ClientFlags {
  readonly json?: boolean;
}

const DEADLINE_MS = 60_000;
const TOKEN_FILE = 'admin-token';

/** Make a command that speaks to a server: {@link newCommand} with `--server`, `--admin-token`, `--data`, `--app`, `--json`. */
export function newClientCommand(
  name: string,
  texts: { readonly summary: string; readonly examples: readonly string[]; readonly isAboutApps?: boolean },
): Command {
  const command = newCommand(name, texts);
  command.addOption(option('--json', 'print JSON for programs'));
  const settings = CLIENT_SETTINGS.filter((setting) => setting !== 'app' || !texts.isAboutApps);
  return addSettings(command, settings, 'Which server:');
}

/** The way to a server, by the flags of a command, the environment, the configuration file and the data folder. */
export function openClient(flags: object): AdminClient {
  return new AdminClient(
    readClientConfig({ flags: flags as Record<string, unknown>, env: process.env, cwd: process.cwd() }),
  );
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** null on the last */
  readonly nextCursor: string | null;
}

/** No Portrait at this address. */
export class NoAnswer extends Failure {}

/** A running server, as its administrator. All methods throw {@link Failure} with a sentence for people. */
export class AdminClient {
  readonly server: string;
  readonly #config: ClientConfig;
  #token: string | undefined;

  constructor(config: ClientConfig) {
    this.server = config.server;
    this.#config = config;
  }

  get<T>(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): Promise<T> {
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, `${value}`);
    return this.#call('GET', given.size === 0 ? path : `${path}?${given}`);
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
   * The app that is meant: `given`, `--app`, or the only one there is.
   *
   * @throws UsageError there are several, or none
   */
  async appId(given?: number): Promise<number> {
    const chosen = given ?? this.#config.sdkAppId;
    if (chosen !== undefined) return chosen;
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
    this.#token ??= this.#config.adminToken ?? readToken(this.#config.dataDir);
    const response = await this.#fetch(`/admin/v1${path}`, {
      method,
      headers: {
        ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (response.status === 204) return undefined as T;
    const answer = await this.#readJson(response);
    if (response.ok) return answer as T;
    throw response.status === 401 ? this.#refused() : new Failure(describeProblem(answer as ProblemDocument));
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(this.server + path, {
        ...init,
        redirect: 'error',
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
    } catch (error) {
      throw new NoAnswer(`No Portrait answers at ${this.server}${whyNot(error)}. Start one with: npx portrait serve`, {
        cause: error,
      });
    }
  }

  async #readJson(response: Response): Promise<unknown> {
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      throw new NoAnswer(`What answers at ${this.server} (status ${response.status}) is not Portrait's admin API.`);
    }
  }

  #refused(): Failure {
    const file = relative('', join(this.#config.dataDir, TOKEN_FILE)) || TOKEN_FILE;
    if (this.#token === undefined) {
      return new Failure(
        `${this.server} asks for its admin token and there is no file ${file}: ` +
          'name its data folder with --data, or set PORTRAIT_ADMIN_TOKEN.',
      );
    }
    const source = this.#config.adminToken === undefined ? `in ${file}` : 'given';
    return new Failure(`The admin token ${source} is not the one of ${this.server}.`);
  }
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

/** @returns one line per error of a problem document */
export function describeProblem({ title, detail, errors = [] }: ProblemDocument): string {
  const whole = detail ?? title;
  if (errors.length === 0) return endSentence(whole.charAt(0).toUpperCase() + whole.slice(1));
  return errors.map((error) => `${nameOf(error.pointer)}: ${endSentence(error.detail)}`).join('\n');
}

function nameOf(pointer: string): string {
  return pointer.replace(/^#\//, '').replaceAll('/', '.') || 'request';
}

function endSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
