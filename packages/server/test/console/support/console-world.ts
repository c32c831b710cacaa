/** A server with everything that a console can show: what arrived, what failed, a circuit that is open, a pause, what is dead. */
import type { Owner } from '../../support/live/cleanup.ts';
import { ok, type Receiver, startReceiver, status, text } from '../../support/live/receiver.ts';
import type { TestApp, TestEndpoint, WireItem } from '../../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../../support/live/test-server.ts';
import { until } from '../../support/until.ts';

/** What tests and pictures look at. */
export interface ConsoleWorld {
  readonly server: TestServer;
  readonly app: TestApp;
  readonly receiver: Receiver;
  readonly endpoint: TestEndpoint;
  readonly openEndpointId: string;
  /** a delivery that is dead */
  readonly deadId: string;
}

const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi', 'ivan', 'judy', 'mallory', 'peggy'];
const PLACES = ['Berlin', 'São Paulo', 'Kraków', 'Nairobi', 'Wellington'];

/** The first app is "shop". */
export async function startConsoleWorld(
  owner: Owner,
  flags: Readonly<Record<string, string>> = {},
): Promise<ConsoleWorld> {
  const server = await startTestServer(owner, { flags });
  const app = await server.createApp({ name: 'shop', sdkAppId: 1_400_000_002 });
  const receiver = await startReceiver(owner, ({ userId, index, attempt }) => {
    if (userId === 'mallory') return status(500);
    if (index % 41 === 40 && attempt === 1) return status(503);
    if (userId === 'trent') return text('{"ActionStatus":"FAIL","ErrorCode":1003,"ErrorInfo":"unknown user trent"}');
    return ok(index % 7);
  });
  const endpoint = await app.addEndpoint(receiver.url, { maxAttempts: 2 });
  const gone = await startReceiver(owner);
  const goneUrl = gone.url.replace('/callback', '/analytics');
  await gone.stop();
  const open = await app.addEndpoint(goneUrl);
  const archive = await app.addEndpoint(`${receiver.origin}/archive`);
  await app.turnEndpoint(archive, 'pause');
  await app.importUsers(...NAMES, 'trent');
  for (let round = 0; round < 4; round += 1) await changeAll(app, round);
  await app.set('trent', [{ Tag: 'Tag_Profile_IM_Nick', Value: 'Trent' }]);
  await app.set('mallory', [
    { Tag: 'Tag_Profile_IM_Nick', Value: 'Mallory ❤' },
    { Tag: 'Tag_Profile_IM_Location', Value: 'Nowhere' },
    { Tag: 'Tag_Profile_Custom_Data', Value: '{"tier":"gold"}' },
  ]);
  await app.untilSettled(`endpointId=${endpoint.endpointId}`, ['delivered', 'dead']);
  await until(async () => (await app.admin('GET', `/endpoints/${open.endpointId}`)).json.state === 'open', {
    what: () => 'the circuit to open',
  });
  const dead = (await app.deliveries('userId=mallory&state=dead')).at(-1);
  return {
    server,
    app,
    receiver,
    endpoint,
    openEndpointId: open.endpointId,
    deadId: dead?.deliveryId ?? '',
  };
}

/** Each user changes something. */
export async function changeAll(app: TestApp, round: number): Promise<void> {
  await Promise.all(NAMES.map((userId, at) => app.set(userId, itemsOf(userId, at, round))));
}

function itemsOf(userId: string, at: number, round: number): readonly WireItem[] {
  const name = userId[0]?.toUpperCase() + userId.slice(1);
  if (round % 3 === 0) return [{ Tag: 'Tag_Profile_IM_Nick', Value: `${name} ${round}` }];
  if (round % 3 === 1) return [{ Tag: 'Tag_Profile_IM_Location', Value: PLACES[(at + round) % PLACES.length] }];
  return [
    { Tag: 'Tag_Profile_IM_Level', Value: round * 3 },
    { Tag: 'Tag_Profile_IM_SelfSignature', Value: `Round ${round}, and nothing but the best` },
  ];
}
