/** The steps of the demonstration. */
import { randomBytes } from 'node:crypto';
import { formatItems, type ProfileItem, signUserSig } from '@portrait/wire';
import type { EndpointAnswer } from '../../admin/endpoint-schemas.ts';
import type { DeliveryAnswer } from '../../admin/show-delivery.ts';
import { systemClock } from '../../clock.ts';
import type { RunningServer } from '../../serve.ts';
import { AdminClient, type Page } from '../client.ts';
import { Failure } from '../failure.ts';
import { checkReply, openRestDoor } from '../rest-door.ts';
import { ChatClient } from './chat-client.ts';
import type { DemoReceiver, HandledCallback } from './receiver.ts';

/** What is shown, one after the other. */
export type Step =
  | { readonly kind: 'started'; readonly server: string; readonly receiver: string; readonly endpointId: string }
  | { readonly kind: 'logged-in'; readonly userId: string }
  | {
      readonly kind: 'change';
      readonly by: 'client' | 'administrator';
      readonly userId: string;
      readonly items: readonly ProfileItem[];
      /** the receiver was told to fail at it */
      readonly receiverFails: boolean;
    }
  | ({ readonly kind: 'callback' } & HandledCallback)
  | { readonly kind: 'pushed'; readonly userId: string }
  | { readonly kind: 'delivery'; readonly delivery: DeliveryAnswer };

/** What the demonstration is made of. */
export interface Stage {
  readonly server: RunningServer;
  readonly receiver: DemoReceiver;
  readonly folder: string;
  readonly show: (step: Step) => void;
}

const USER = 'alice';
const NICK = 'Tag_Profile_IM_Nick';
const POLL_MS = 20;

/** @throws Failure, Error something does not work as it should */
export async function runDemo({ server, receiver, folder, show }: Stage): Promise<void> {
  const { firstStart, adminToken, url } = server;
  if (!firstStart) throw new Failure('The demonstration needs a store of its own, and this one was there before.');
  const { sdkAppId, secretKey } = firstStart;
  const admin = new AdminClient({ server: url, adminToken, dataDir: folder, sdkAppId });
  const call = await openRestDoor(admin, await admin.revealApp());
  const endpoint = await addEndpoint(admin, receiver);
  receiver.trust({ ...endpoint, sdkAppId });
  show({ kind: 'started', server: url, receiver: receiver.url, endpointId: endpoint.endpointId });

  checkReply(await call('im_open_login_svc/account_import', { UserID: USER }));
  const nowSeconds = Math.floor(systemClock.now() / 1000);
  const userSig = await signUserSig({ sdkAppId, secretKey, userId: USER, nowSeconds });
  const client = await ChatClient.logIn({ server: url, sdkAppId, userId: USER, userSig });
  try {
    show({ kind: 'logged-in', userId: USER });
    const change = async (by: 'client' | 'administrator', items: readonly ProfileItem[], receiverFails = false) => {
      show({ kind: 'change', by, userId: USER, items, receiverFails });
      if (receiverFails) receiver.failNext();
      if (by === 'client') await client.set(items);
      else checkReply(await call('profile/portrait_set', { From_Account: USER, ProfileItem: formatItems(items) }));
      show(await nextCallback(receiver));
    };
    await change('client', [{ tag: NICK, value: 'Alice' }]);
    await change('administrator', [
      { tag: NICK, value: 'Alice from the shop' },
      { tag: 'Tag_Profile_IM_Level', value: 3 },
    ]);
    await client.pushed;
    show({ kind: 'pushed', userId: USER });
    await change('client', [{ tag: 'Tag_Profile_IM_SelfSignature', value: 'Back at nine' }], true);
    show(await nextCallback(receiver));
    show({ kind: 'delivery', delivery: await untilDelivered(admin, 3) });
  } finally {
    client.close();
  }
}

async function addEndpoint(admin: AdminClient, { url }: DemoReceiver): Promise<EndpointAnswer & { token: string }> {
  const token = randomBytes(16).toString('hex');
  const members = { url, token, payload: 'extended' };
  return { ...(await admin.send<EndpointAnswer>('POST', await admin.appPath('/endpoints'), members)), token };
}

async function nextCallback(receiver: DemoReceiver): Promise<Step> {
  return { kind: 'callback', ...(await receiver.next()) };
}

/** The log has an attempt a moment after the receiver has answered it. */
async function untilDelivered(admin: AdminClient, sequence: number): Promise<DeliveryAnswer> {
  for (;;) {
    const path = await admin.appPath('/deliveries');
    const { items } = await admin.get<Page<DeliveryAnswer>>(path, { userId: USER, sequence, state: 'delivered' });
    if (items[0]) return await admin.get<DeliveryAnswer>(`${path}/${encodeURIComponent(items[0].deliveryId)}`);
    await systemClock.sleep(POLL_MS);
  }
}
