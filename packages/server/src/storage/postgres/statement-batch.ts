/**
 * Statements that go to the server in one piece, and are answered in one.
 *
 * The driver ends each statement with a Sync of its own, at which the server sends what it has: seven pieces in each direction for a change. Here
 * there is one Sync behind the last one. A statement that fails takes those behind it with it, as in a transaction it would anyway.
 */
import type pg from 'pg';
import type { SqlRow } from './database.ts';
import type { Parameter } from './parameters.ts';

/** What a statement gave. */
export interface StatementResult {
  readonly rows: readonly SqlRow[];
  /** as the server names it, such as `INSERT 0 1` */
  readonly command: string;
}

/** What is asked of the server. */
export interface AskedStatement {
  readonly text: string;
  /** under which the connection keeps it; undefined: it does not */
  readonly name: string | undefined;
  readonly parameters: readonly Parameter[];
}

/** One of a batch. */
export interface BatchedStatement extends AskedStatement {
  readonly resolve: (result: StatementResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}

/** A column of a result, and how its text is read. */
interface Column {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

/** Statements that a connection keeps, by name; the columns of their rows, once the server has described them. */
const keptBy = new WeakMap<object, Map<string, readonly Column[] | undefined>>();

/** What goes, and who is told that all of it is answered, or never will be. */
export interface StatementBatchOptions {
  readonly statements: readonly BatchedStatement[];
  readonly types: pg.CustomTypesConfig;
  /** once; with the error of the first statement that failed, or of the end of a transaction that none of them ended */
  readonly onEnd: (error: unknown) => void;
}

/** For `client.query`, one at a time: see the driver's `Submittable`. */
export class StatementBatch implements pg.Submittable {
  readonly #statements: readonly BatchedStatement[];
  readonly #types: pg.CustomTypesConfig;
  readonly #added: string[] = [];
  #kept = new Map<string, readonly Column[] | undefined>();
  #at = 0;
  #columns: readonly Column[] | undefined;
  #rows: SqlRow[] = [];
  /** called once: the driver wraps it, to know when to stop waiting */
  callback: (error: unknown) => void;

  constructor({ statements, types, onEnd }: StatementBatchOptions) {
    this.#statements = statements;
    this.#types = types;
    this.callback = onEnd;
  }

  submit(connection: pg.Connection): void {
    const kept = keptBy.get(connection) ?? new Map<string, readonly Column[] | undefined>();
    keptBy.set(connection, kept);
    this.#kept = kept;
    // what is typed: the driver's declarations lag behind it
    const to = connection as unknown as DriverConnection;
    to.stream.cork();
    for (const { text, name = '', parameters } of this.#statements) {
      if (!kept.has(name)) {
        if (name !== '') {
          to.close({ type: 'S', name });
          kept.set(name, undefined);
          this.#added.push(name);
        }
        to.parse({ text, name, types: [] });
      }
      to.bind({ statement: name, values: parameters });
      if (!kept.get(name)) to.describe({ type: 'P', name: '' });
      to.execute({});
    }
    to.sync();
    to.stream.uncork();
  }

  handleRowDescription({ fields }: { readonly fields: readonly Field[] }): void {
    this.#columns = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: this.#types.getTypeParser(dataTypeID, 'text'),
    }));
    const { name } = this.#statements[this.#at] ?? {};
    if (name !== undefined) this.#kept.set(name, this.#columns);
  }

  handleDataRow({ fields: values }: { readonly fields: readonly (string | null)[] }): void {
    this.#columns ??= this.#kept.get(this.#statements[this.#at]?.name ?? '') ?? [];
    const row: Record<string, unknown> = {};
    for (const [at, { name, parse }] of this.#columns.entries()) {
      const value = values[at] ?? null;
      row[name] = value === null ? null : parse(value);
    }
    this.#rows.push(row as SqlRow);
  }

  handleCommandComplete({ text: command }: { readonly text: string }): void {
    const rows = this.#rows;
    this.#rows = [];
    this.#columns = undefined;
    this.#at += 1;
    this.#statements[this.#at - 1]?.resolve({ rows, command });
  }

  handleReadyForQuery(): void {
    this.callback(null);
  }

  /** The one at work failed, or the connection did: none behind it will be answered. */
  handleError(error: unknown): void {
    for (const name of this.#added.splice(0)) this.#kept.delete(name);
    const failed = this.#statements.slice(this.#at);
    this.#at = this.#statements.length;
    for (const { reject } of failed) reject(error);
    this.callback(error);
  }
}

interface DriverConnection {
  readonly stream: { cork(): void; uncork(): void };
  close(message: { readonly type: 'S'; readonly name: string }): void;
  parse(message: { readonly text: string; readonly name: string; readonly types: readonly number[] }): void;
  bind(message: { readonly statement: string; readonly values: readonly Parameter[] }): void;
  describe(message: { readonly type: 'P'; readonly name: string }): void;
  execute(message: object): void;
  sync(): void;
}
