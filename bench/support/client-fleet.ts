/** The process behind fleet.ts: does what it is told over HTTP (control.ts). */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { signUserSig } from '../../packages/wire/src/index.ts';
import { userName } from './client.ts';
import type { Arrival, FleetOptions, FleetState, LoginTimes, StayOrder, VisitOrder } from './fleet.ts';
import { percentile } from './measure.ts';
import { openLoop } from './open-loop.ts';
import { type FrameBody, WebClient, type WebClientOptions } from './web-client.ts';

/** The server limits logins by address: they come from 127.0.0.1 and so on. */
const ADDRESSES = 8;

const { port, sdkAppId, secretKey, firstUser, users }: FleetOptions = JSON.parse(process.argv[2] ?? '{}');
const clients: WebClient[] = [];
let arrivals: Arrival[] = [];
let faults = 0;
let visits = 0;

const nowSeconds = Date.now() / 1_000;
const userSigs = await Promise.all(
  Array.from({ length: users }, (_, index) =>
    signUserSig({ sdkAppId, userId: userName(firstUser + index), secretKey, nowSeconds }),
  ),
);

function accountOf(index: number): WebClientOptions {
  const userId = userName(firstUser + index);
  return { port, sdkAppId, userId, userSig: userSigs[index] ?? '', localAddress: `127.0.0.${1 + (index % ADDRESSES)}` };
}

function onPush(body: FrameBody): void {
  const items: { Tag: string; ValueBytes?: string }[] = body.EventArray?.[0]?.ProfileDataMod?.[0]?.ProfileList ?? [];
  const nick = items.find(({ Tag }) => Tag === 'Tag_Profile_IM_Nick')?.ValueBytes ?? '';
  if (nick !== '') arrivals.push([Number(nick.split(' ')[1]), performance.timeOrigin + performance.now()]);
}

/** Log users in at an even rate. @param use  what is done with each that is logged in */
async function logIn(options: {
  readonly perSecond: number;
  readonly total: number;
  readonly indexOf: (login: number) => number;
  readonly use: (client: WebClient) => Promise<void>;
}): Promise<LoginTimes> {
  const times: number[] = [];
  let failures = 0;
  const one = async (login: number): Promise<void> => {
    const startedAt = performance.now();
    try {
      const client = await WebClient.connect(accountOf(options.indexOf(login)));
      client.onPush = onPush;
      await client.logIn();
      times.push(performance.now() - startedAt);
      await client.startUp();
      await options.use(client);
    } catch (error) {
      failures += 1;
      if (failures === 1) console.error(error);
    }
  };
  await openLoop({ ...options, one });
  times.sort((a, b) => a - b);
  return { logins: times.length, failures, p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

function stay({ perSecond }: StayOrder): Promise<LoginTimes> {
  const use = async (client: WebClient): Promise<void> => {
    clients.push(client);
    client.keepAlive(() => {
      faults += 1;
    });
  };
  return logIn({ perSecond, total: users, indexOf: (login) => login, use });
}

function visit({ perSecond, seconds, stayMs }: VisitOrder): Promise<LoginTimes> {
  const first = visits;
  const total = perSecond * seconds;
  visits += total;
  const use = async (client: WebClient): Promise<void> => {
    await wait(stayMs);
    client.close();
  };
  return logIn({ perSecond, total, indexOf: (login) => (first + login) % users, use });
}

function state(): FleetState {
  return { open: clients.filter(({ isOpen }) => isOpen).length, faults, pushes: arrivals.length };
}

function takeArrivals(): readonly Arrival[] {
  const taken = arrivals;
  arrivals = [];
  return taken;
}

function terminate(): object {
  for (const client of clients) client.terminate();
  return {};
}

const VERBS: Readonly<Record<string, (order: never) => unknown>> = {
  stay,
  visit,
  state,
  arrivals: takeArrivals,
  terminate,
};

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const verb = VERBS[request.url?.slice('/control/'.length) ?? ''];
  if (!verb) {
    response.writeHead(404).end();
    return;
  }
  const order = JSON.parse(Buffer.concat(chunks).toString()) as never;
  response.end(JSON.stringify(await verb(order)));
});
// an order may take minutes
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));
process.once('SIGTERM', () => process.exit(0));
