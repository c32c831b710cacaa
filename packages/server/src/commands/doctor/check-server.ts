/** A running server, as its administrator sees it. */
import type { AppAnswer } from '../../admin/app-schemas.ts';
import type { EndpointAnswer } from '../../admin/endpoint-schemas.ts';
import { systemClock } from '../../clock.ts';
import type { Check } from '../../doctor/check.ts';
import type { EndpointSight } from '../../doctor/check-endpoint.ts';
import type { AdminClient } from '../client.ts';
import { Failure } from '../failure.ts';

/** What is known of the server. */
export interface ServerSight {
  readonly checks: readonly Check[];
  /** undefined if it can't be asked */
  readonly endpoints: readonly EndpointSight[] | undefined;
  /** its time, and ours then */
  readonly time: { readonly dateMs: number; readonly atMs: number } | undefined;
}

const DEADLINE_MS = 5000;

/** @param isInUse  a server has the data folder; undefined if that is not known */
export async function checkServer(client: AdminClient, isInUse: boolean | undefined): Promise<ServerSight> {
  const ready = await askReady(client.server);
  if (!ready) return { checks: [describeSilence(client.server, isInUse)], endpoints: undefined, time: undefined };
  const { health, time } = ready;
  try {
    const endpoints = await listEndpoints(client);
    return { checks: [health], endpoints, time };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const advice = 'Without it doctor reads the endpoints from the store, if it can.';
    return { checks: [health, make('problem', error.message, advice)], endpoints: undefined, time };
  }
}

interface Ready {
  readonly health: Check;
  readonly time: ServerSight['time'];
}

/** @returns undefined if nobody answers */
async function askReady(server: string): Promise<Ready | undefined> {
  let response: Response;
  try {
    response = await fetch(`${server}/readyz`, { redirect: 'manual', signal: AbortSignal.timeout(DEADLINE_MS) });
  } catch {
    return undefined;
  }
  const atMs = systemClock.now();
  const dateMs = Date.parse(response.headers.get('date') ?? '');
  const time = Number.isNaN(dateMs) ? undefined : { dateMs, atMs };
  return { health: describeHealth(server, response.status, await response.text()), time };
}

function describeHealth(server: string, status: number, text: string): Check {
  const { status: said, changes, detail } = parseHealth(text);
  if (status === 200 && said === 'ready' && changes === undefined) return make('ok', `${server} is ready.`);
  if (said === undefined) {
    return make(
      'problem',
      `What answers at ${server} (status ${status}) is not Portrait.`,
      'Look at --server and --port.',
    );
  }
  const what = `${server} ${changes === undefined ? 'is not ready' : 'refuses changes'}: ${detail}.`;
  return make('problem', what, 'Look at its log, and at the data folder.');
}

function parseHealth(text: string): { readonly status?: string; readonly changes?: string; readonly detail?: string } {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

function describeSilence(server: string, isInUse: boolean | undefined): Check {
  if (isInUse) {
    const what = `A server has the data folder open, and none answers at ${server}.`;
    return make('problem', what, 'Give doctor the --host and --port of the server, or --server; look at its log.');
  }
  return make('skipped', `None answers at ${server}. Start one with: npx portrait serve`);
}

async function listEndpoints(client: AdminClient): Promise<readonly EndpointSight[]> {
  const apps = await client.list<AppAnswer>('/apps');
  const lists = await Promise.all(
    apps.map(({ sdkAppId }) => client.list<EndpointAnswer>(`/apps/${sdkAppId}/endpoints`, { reveal: 'true' })),
  );
  return lists.flat().map(({ endpointId, url, state, tls }) => {
    const { ca, cert, key } = tls ?? {};
    const given = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
    return { endpointId, url, state, ...(tls && { tls: given }) };
  });
}

function make(status: Check['status'], what: string, advice?: string): Check {
  return { area: 'server', status, what, ...(advice !== undefined && { advice }) };
}
