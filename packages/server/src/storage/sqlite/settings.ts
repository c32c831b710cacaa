/** Rows of the tables `app` and `endpoint`: few, and changed by people. */
import type { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../errors.ts';
import { completeApp } from '../app-defaults.ts';
import type { App, Endpoint, EndpointCircuit } from '../store.ts';

type Row = Record<string, string | number | null>;

/** Reads and writes apps and endpoints. Settings are stored as JSON: a member that is added needs a default, no migration. */
export class Settings {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  apps(): App[] {
    return this.#rows('SELECT settings FROM app ORDER BY sdk_app_id').map((row) =>
      completeApp(JSON.parse(row.settings as string)),
    );
  }

  endpoints(): Endpoint[] {
    return this.#rows('SELECT settings, circuit FROM endpoint ORDER BY endpoint_no').map(endpointOf);
  }

  /** @throws StoreError `missing` */
  endpoint(endpointId: string): Endpoint {
    const [row] = this.#rows('SELECT settings, circuit FROM endpoint WHERE endpoint_id = ?', endpointId);
    if (!row) throw new StoreError('missing', `There is no endpoint ${endpointId}.`);
    return endpointOf(row);
  }

  /** Those of one app with the numbers they have in other tables, in the order they were made. */
  endpointsOf(sdkAppId: number): { endpointNo: number; endpoint: Endpoint }[] {
    const sql = 'SELECT endpoint_no, settings, circuit FROM endpoint WHERE sdk_app_id = ? ORDER BY endpoint_no';
    return this.#rows(sql, sdkAppId).map((row) => ({
      endpointNo: row.endpoint_no as number,
      endpoint: endpointOf(row),
    }));
  }

  /** @throws StoreError `exists` */
  insertApp(app: App): void {
    if (this.#rows('SELECT 1 FROM app WHERE sdk_app_id = ?', app.sdkAppId).length > 0) {
      throw new StoreError('exists', `There is an app ${app.sdkAppId} already.`);
    }
    this.#run('INSERT INTO app (sdk_app_id, settings) VALUES (?, ?)', app.sdkAppId, JSON.stringify(app));
  }

  /** @throws StoreError `missing` */
  updateApp(app: App): void {
    const { changes } = this.#run(
      'UPDATE app SET settings = ? WHERE sdk_app_id = ?',
      JSON.stringify(app),
      app.sdkAppId,
    );
    if (changes === 0) throw new StoreError('missing', `There is no app ${app.sdkAppId}.`);
  }

  /** @returns the endpoint's number. @throws StoreError `exists`, `missing` */
  insertEndpoint(endpoint: Endpoint): number {
    const { endpointId, sdkAppId } = endpoint;
    if (this.#rows('SELECT 1 FROM app WHERE sdk_app_id = ?', sdkAppId).length === 0) {
      throw new StoreError('missing', `There is no app ${sdkAppId}.`);
    }
    if (this.#rows('SELECT 1 FROM endpoint WHERE endpoint_id = ?', endpointId).length > 0) {
      throw new StoreError('exists', `There is an endpoint ${endpointId} already.`);
    }
    const sql = 'INSERT INTO endpoint (endpoint_id, sdk_app_id, settings) VALUES (?, ?, ?)';
    return Number(this.#run(sql, endpointId, sdkAppId, settingsOf(endpoint)).lastInsertRowid);
  }

  /** @throws StoreError `missing` */
  updateEndpoint(endpoint: Endpoint): void {
    const sql = 'UPDATE endpoint SET settings = ? WHERE endpoint_id = ?';
    const { changes } = this.#run(sql, settingsOf(endpoint), endpoint.endpointId);
    if (changes === 0) throw new StoreError('missing', `There is no endpoint ${endpoint.endpointId}.`);
  }

  updateCircuit(endpointId: string, circuit: EndpointCircuit): void {
    this.#run('UPDATE endpoint SET circuit = ? WHERE endpoint_id = ?', JSON.stringify(circuit), endpointId);
  }

  #rows(sql: string, ...values: (string | number)[]): Row[] {
    return this.#db.prepare(sql).all(...values) as Row[];
  }

  #run(sql: string, ...values: (string | number)[]): { changes: number | bigint; lastInsertRowid: number | bigint } {
    return this.#db.prepare(sql).run(...values);
  }
}

function endpointOf({ settings, circuit }: Row): Endpoint {
  return { ...JSON.parse(settings as string), ...(circuit !== null && { circuit: JSON.parse(circuit as string) }) };
}

/** What stands in the column: the circuit has one of its own. */
function settingsOf({ circuit: _, ...settings }: Endpoint): string {
  return JSON.stringify(settings);
}
