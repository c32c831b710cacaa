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

/** One of a batch. */
export interface BatchedStatement {
  readonly text: string;
  /** under which the connection keeps it; undefined: it does not */
  readonly name: string | undefined;
  readonly parameters: readonly Parameter[];
  readonly resolve: (result: StatementResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}

/** Names of statements that a connection keeps. */
const keptBy = new WeakMap<object, Set<string>>();

/** What goes, and who is told that all of it is answered, or never will be. */
export interface StatementBatchOptions {
  readonly statements: readonly BatchedStatement[];
  readonly types: pg.CustomTypesConfig;
  readonly onEnd: () => void;
}

/** For `client.query`, one at a time: see the driver's `Submittable`. */
export class StatementBatch implements pg.Submittable {
  readonly #statements: readonly BatchedStatement[];
  readonly #types: pg.CustomTypesConfig;
  readonly #added: string[] = [];
  #kept: Set<string> = new Set();
  #at = 0;
  #fields: readonly { readonly name: string; readonly parse: (text: string) => unknown }[] = [];
  #rows: SqlRow[] = [];
  /** called once: the driver wraps it, to know when to stop waiting */
  callback: (error: unknown) => void;

  constructor({ statements, types, onEnd }: StatementBatchOptions) {
    this.#statements = statements;
    this.#types = types;
    this.callback = onEnd;
  }

  submit(connection: pg.Connection): void {
    const kept = keptBy.get(connection) ?? new Set();
    keptBy.set(connection, kept);
    this.#kept = kept;
    // what is typed: the driver's declarations lag behind it
    const to = connection as unknown as DriverConnection;
    to.stream.cork();
    for (const { text, name = '', parameters } of this.#statements) {
      if (!kept.has(name)) {
        if (name !== '') {
          to.close({ type: 'S', name });
          kept.add(name);
          this.#added.push(name);
        }
        to.parse({ text, name, types: [] });
      }
      to.bind({ statement: name, values: parameters });
      to.describe({ type: 'P', name: '' });
      to.execute({});
    }
    to.sync();
    to.stream.uncork();
  }

  handleRowDescription({ fields }: { readonly fields: readonly Field[] }): void {
    this.#fields = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: this.#types.getTypeParser(dataTypeID, 'text'),
    }));
  }

  handleDataRow({ fields: values }: { readonly fields: readonly (string | null)[] }): void {
    const row: Record<string, unknown> = {};
    for (const [at, { name, parse }] of this.#fields.entries()) {
      const value = values[at] ?? null;
      row[name] = value === null ? null : parse(value);
    }
    this.#rows.push(row as SqlRow);
  }

  handleCommandComplete({ text: command }: { readonly text: string }): void {
    const rows = this.#rows;
    this.#rows = [];
    this.#fields = [];
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
