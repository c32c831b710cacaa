/**
 * Loaded into a server before its own code (`node --import`): the process kills itself, as kill -9 would, at a named point of a change's
 * way. The points are found from outside, by what the process says to SQLite and by what Node's and undici's own diagnostics channels
 * tell, so that the program has no such thing in it.
 *
 * PORTRAIT_TEST_KILL_AT is `point#count`: at the count-th time that the point is passed.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { DatabaseSync, type StatementResultingChanges, type StatementSync } from 'node:sqlite';

/** What a transaction writes, by the statement that shows it. */
const WRITES: readonly (readonly [kind: string, sql: RegExp])[] = [
  ['change', /^INSERT INTO event \(/],
  ['attempt', /^INSERT OR REPLACE INTO attempt /],
  ['park', /^INSERT INTO parked /],
  ['replay', /^UPDATE replay SET delivered/],
  ['circuit', /^INSERT INTO endpoint_event /],
  ['profile rows', /^UPDATE head SET profile_seq/],
  ['retention', /^DELETE FROM event WHERE/],
  ['erasing', /^UPDATE event SET body/],
];

const [point = '', count = '1'] = (process.env.PORTRAIT_TEST_KILL_AT ?? '').split('#');
let left = Number(count);

function pass(name: string): void {
  if (name !== point) return;
  left -= 1;
  if (left > 0) return;
  process.kill(process.pid, 'SIGKILL');
  // nothing may run on until the signal is there
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** of the transaction that is open */
const written = new Set<string>();

function watch(statement: StatementSync, sql: string): StatementSync {
  const kind = WRITES.find(([, pattern]) => pattern.test(sql))?.[0];
  const isCommit = sql === 'COMMIT';
  if (kind === undefined && !isCommit) return statement;
  const run = statement.run.bind(statement) as (...values: readonly unknown[]) => StatementResultingChanges;
  const commit = (): StatementResultingChanges => {
    const kinds = [...written];
    written.clear();
    for (const each of kinds) pass(`before commit of ${each}`);
    const result = run();
    for (const each of kinds) pass(`after commit of ${each}`);
    return result;
  };
  const write = (...values: readonly unknown[]): StatementResultingChanges => {
    if (kind !== undefined) written.add(kind);
    return run(...values);
  };
  return Object.assign(statement, { run: isCommit ? commit : write });
}

const prepare = DatabaseSync.prototype.prepare;
DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string): StatementSync {
  return watch(prepare.call(this, sql), sql);
};

function on(channel: string, name: string, isMeant: (message: never) => boolean): void {
  subscribe(channel, (message) => {
    if (isMeant(message as never)) pass(name);
  });
}

const isChange = ({ request }: { readonly request: IncomingMessage }): boolean =>
  request.url?.includes('portrait_set') === true;
on('http.server.request.start', 'call begun', isChange);
on('http.server.response.finish', 'answered', isChange);

const isCallback = ({ request }: { readonly request: { readonly method?: string } }): boolean =>
  request.method === 'POST';
on('undici:client:sendHeaders', 'before POST', isCallback);
on('undici:request:bodySent', 'POST sent', isCallback);
on('undici:request:headers', 'answer to POST begun', isCallback);
on('undici:request:trailers', 'answer to POST read', isCallback);
