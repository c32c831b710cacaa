/**
 * Connections to PostgreSQL.
 *
 * Nothing here needs a connection to be the same one from one transaction to the next: what is set is set for a transaction, and a prepared
 * statement that a connection does not know makes an end of preparing them. So a pooler such as PgBouncer may stand between in transaction mode.
 */
import { Socket } from 'node:net';
import pg from 'pg';
import type { Clock } from '../../clock.ts';
import { StoreError } from '../../errors.ts';
import { parametersOf } from './parameters.ts';
import { isConnectionLost, isRollback, isTimedOut, isUnknownPrepared, storeErrorFrom } from './postgres-error.ts';
import type { PreparedSql } from './prepared.ts';
import { type AskedStatement, type BatchedStatement, StatementBatch, type StatementResult } from './statement-batch.ts';
import { BEGINNINGS, LIMITED_BEGINNINGS } from './transaction-settings.ts';

/** A statement is given up after this, if nothing comes from the server at all. */
const ANSWER_TIMEOUT_MS = 20_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** A transaction that the server rolled back for others' sake is tried so often. */
const MAX_TRIES = 8;
const RETRY_MS = 5;

const BEGIN = { write: 'BEGIN', read: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' } as const;

/** 64-bit integers are numbers of ours: counts and milliseconds, far below 2^53. */
const TYPES = new pg.TypeOverrides();
TYPES.setTypeParser(pg.types.builtins.INT8, Number);

/** A value as a parameter. */
export type SqlValue =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly (string | number | boolean | null | Uint8Array)[];
/** A row, as the driver reads it. */
export type SqlRow = Readonly<Record<string, string | number | boolean | null | Uint8Array>>;

/** A statement with its parameters. */
export type Statement = readonly [sql: PreparedSql, values: readonly SqlValue[]];

/** Statements inside a transaction. */
export interface Transaction {
  /** @returns the rows. If it fails, so does the transaction: who does not wait for it here misses nothing */
  query(sql: string | PreparedSql, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** Send a statement whose result is of no interest, without waiting for it: if it fails, so does the transaction. */
  send(sql: string | PreparedSql, values?: readonly SqlValue[]): void;
  /** Several statements in one text, none of whose results is of interest. */
  script(sql: string): Promise<void>;
}

/** Where the database is. */
export interface DatabaseOptions {
  readonly url: string;
  /** connections at most */
  readonly poolSize: number;
  readonly clock: Clock;
  /** connections keep statements from one transaction to the next. Default: true, until one turns out to have forgotten */
  readonly prepares?: boolean;
  /** 0 to 1 */
  readonly random?: () => number;
}

/** A pool of connections. Everything it throws is an ApiError or a StoreError. */
export class Database {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #sockets = new Set<Socket>();
  #prepares: boolean;
  #beginnings = BEGINNINGS;
  #isClosed = false;
  #isAbandoned = false;

  constructor({ url, poolSize, clock, prepares = true, random = Math.random }: DatabaseOptions) {
    this.#clock = clock;
    this.#prepares = prepares;
    this.#random = random;
    this.#pool = new pg.Pool({
      connectionString: url,
      max: poolSize,
      types: TYPES,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'portrait',
      stream: () => this.#makeSocket(),
    });
    // an idle connection broke: the pool has dropped it, and the next call makes another
    this.#pool.on('error', () => undefined);
    // one that broke at work: its statements have failed, which is how it is told
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** whether statements are prepared, and so planned as this program means them */
  get prepares(): boolean {
    return this.#prepares;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Ask the server which limits it knows: what is written from then on is held to them. @throws StoreError */
  async learnLimits(): Promise<void> {
    const [row] = await this.query("SELECT current_setting('transaction_timeout', true) IS NOT NULL AS is_known");
    this.#beginnings = row?.is_known === true ? LIMITED_BEGINNINGS : BEGINNINGS;
  }

  /** One statement, a transaction of its own. @throws StoreError */
  async query(sql: string | PreparedSql, values: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    if (typeof sql !== 'string') return (await this.send([[sql, values]]))[0] as readonly SqlRow[];
    this.#checkOpen();
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#queryOnce(sql, values);
      } catch (thrown) {
        if (!isRollback(thrown) || tries >= MAX_TRIES) throw storeErrorFrom(thrown);
      }
      await this.#rest(tries);
    }
  }

  /**
   * Statements that are carried out together or not at all, and need nothing of each other's results: all of them in one piece, which the server
   * takes for a transaction.
   *
   * @returns the rows of each
   * @throws StoreError `unavailable`: whole or absent
   */
  async send(statements: readonly Statement[]): Promise<readonly (readonly SqlRow[])[]> {
    this.#checkOpen();
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#sendOnce(statements);
      } catch (thrown) {
        // not committed: it waited for one who fell silent, whose time is over by now
        if (isTimedOut(thrown) && tries === 1) continue;
        const isForgotten = isUnknownPrepared(thrown);
        if (isForgotten) this.#prepares = false;
        if (!(isForgotten || isRollback(thrown)) || tries >= MAX_TRIES) throw storeErrorFrom(thrown);
      }
      await this.#rest(tries);
    }
  }

  /**
   * Statements that are carried out together or not at all. `run` can be called again: what the server rolled back because of others is done
   * anew.
   *
   * @throws ApiError, StoreError of `run`: nothing was written; `unavailable` whole or absent
   */
  transaction<T>(run: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#carryOut('write', run);
  }

  /** Reads that all see the same moment. @throws ApiError, StoreError of `run`; StoreError */
  snapshot<T>(run: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#carryOut('read', run);
  }

  /** Ask nothing more, and wait for no answer any longer: all that waits is rejected. For a stop while the database is silent. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const socket of this.#sockets) socket.destroy(new Error('The database was given up.'));
  }

  /** Wait for what runs, then close all connections. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#pool.end();
  }

  async #carryOut<T>(kind: 'read' | 'write', run: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#checkOpen();
    for (let tries = 1; ; tries += 1) {
      const attempt = await this.#attempt(kind, run);
      if ('value' in attempt) return attempt.value;
      const { error, mayBeWritten } = attempt;
      const isForgotten = isUnknownPrepared(error);
      if (isForgotten) this.#prepares = false;
      const isSafe = isForgotten || isRollback(error) || (isConnectionLost(error) && !mayBeWritten && tries === 1);
      if (!isSafe || tries >= MAX_TRIES) throw storeErrorFrom(error);
      await this.#rest(tries);
    }
  }

  async #queryOnce(sql: string, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    const client = await this.#pool.connect();
    try {
      const { rows } = await client.query<SqlRow>(sql, parametersOf(sql, values));
      client.release();
      return rows;
    } catch (error) {
      client.release(isConnectionLost(error));
      throw error;
    }
  }

  async #sendOnce(statements: readonly Statement[]): Promise<readonly (readonly SqlRow[])[]> {
    const prepares = this.#prepares;
    const set = [this.#beginnings.whole[prepares ? 'prepared' : 'plain'], []] as const;
    const asked = [set, ...statements].map(([{ text, name }, values]) => ({
      text,
      name: prepares ? name : undefined,
      parameters: parametersOf(text, values),
    }));
    const client = await this.#pool.connect();
    const results: StatementResult[] = [];
    try {
      await collectAnswers(client, asked, results);
      client.release();
      return results.slice(1).map(({ rows }) => rows);
    } catch (error) {
      client.release(isConnectionLost(error));
      // with all statements answered it was about to commit, and may have done so
      throw isTimedOut(error) && results.length === asked.length ? storeErrorFrom(error) : error;
    }
  }

  async #attempt<T>(kind: 'read' | 'write', run: (tx: Transaction) => Promise<T>): Promise<Attempted<T>> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      return { error, mayBeWritten: false };
    }
    const prepares = this.#prepares && kind === 'write';
    const tx = new OpenTransaction(client, prepares);
    tx.send(BEGIN[kind]);
    const { begun } = kind === 'write' ? this.#beginnings : BEGINNINGS; // reads keep nobody waiting
    tx.send(begun[prepares ? 'prepared' : 'plain']);
    try {
      const value = await run(tx);
      await tx.commit();
      client.release();
      return { value };
    } catch (thrown) {
      const error = tx.fault ?? thrown;
      client.release(isConnectionLost(error) || !(await tx.rollBack()));
      return { error, mayBeWritten: tx.isCommitting };
    }
  }

  async #rest(tries: number): Promise<void> {
    await this.#clock.sleep(RETRY_MS * tries * (0.5 + this.#random()));
    if (this.#isAbandoned) throw new StoreError('unavailable', 'The store is closed.');
  }

  #checkOpen(): void {
    if (this.#isClosed || this.#isAbandoned) throw new StoreError('unavailable', 'The store is closed.');
  }

  /** As the driver would, but so that it can be taken from it at any time, also while it connects. */
  #makeSocket(): Socket {
    const socket = new Socket();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}

/** What came of one try. */
type Attempted<T> = { readonly value: T } | { readonly error: unknown; readonly mayBeWritten: boolean };

/** Statements that are asked for in one turn go out together, without waiting for the answers to those before. */
class OpenTransaction implements Transaction {
  readonly #client: pg.PoolClient;
  readonly #prepares: boolean;
  readonly #sent: Promise<unknown>[] = [];
  #waiting: BatchedStatement[] = [];
  #isBusy = false;
  /** the first that went wrong */
  fault: unknown;
  isCommitting = false;

  constructor(client: pg.PoolClient, prepares: boolean) {
    this.#client = client;
    this.#prepares = prepares;
  }

  query(sql: string | PreparedSql, values: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    const rows = this.#run(sql, values).then((result) => result.rows);
    // told by the transaction: a statement that nobody waits for must not end the process
    rows.catch(() => undefined);
    return rows;
  }

  send(sql: string | PreparedSql, values: readonly SqlValue[] = []): void {
    this.#sent.push(this.#run(sql, values).catch(() => undefined));
  }

  async script(sql: string): Promise<void> {
    await Promise.all(this.#sent);
    try {
      await this.#client.query(sql);
    } catch (error) {
      this.fault ??= error;
      throw error;
    }
  }

  async commit(): Promise<void> {
    this.isCommitting = true;
    const { command } = await this.#run('COMMIT', []);
    await Promise.all(this.#sent);
    if (this.fault !== undefined) throw this.fault;
    // so the server answers if a statement before it failed
    if (command !== 'COMMIT') throw new StoreError('unavailable', 'The transaction was rolled back.');
  }

  /** @returns false if the connection is of no use any more */
  async rollBack(): Promise<boolean> {
    try {
      await this.#client.query('ROLLBACK');
      return true;
    } catch {
      return false;
    }
  }

  async #run(sql: string | PreparedSql, values: readonly SqlValue[]): Promise<StatementResult> {
    const { text, name = undefined } = typeof sql === 'string' ? { text: sql } : sql;
    try {
      const parameters = parametersOf(text, values);
      return await new Promise<StatementResult>((resolve, reject) => {
        if (this.#waiting.length === 0) process.nextTick(() => this.#flush());
        this.#waiting.push({ text, name: this.#prepares ? name : undefined, parameters, resolve, reject });
      });
    } catch (error) {
      this.fault ??= error;
      throw error;
    }
  }

  /** One batch after the other: the driver has no use for a queue. */
  #flush(): void {
    if (this.#isBusy || this.#waiting.length === 0) return;
    this.#isBusy = true;
    const batch = this.#waiting;
    this.#waiting = [];
    const onEnd = (): void => {
      this.#isBusy = false;
      this.#flush();
    };
    this.#client.query(new StatementBatch({ statements: batch, types: TYPES, onEnd }));
  }
}

/** The server commits at the end of the batch: until then, an answer to a statement of it promises nothing. */
function collectAnswers(
  client: pg.PoolClient,
  asked: readonly AskedStatement[],
  results: StatementResult[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const statements = asked.map((one) => ({
      ...one,
      resolve: (result: StatementResult) => void results.push(result),
      reject: () => undefined,
    }));
    const onEnd = (error: unknown): void => (error ? reject(error) : resolve());
    client.query(new StatementBatch({ statements, types: TYPES, onEnd }));
  });
}
