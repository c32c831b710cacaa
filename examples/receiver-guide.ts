/** The pieces that docs/receiver.md and the library's README show; they compile as they stand. */
import { createHandler, memoryStore, type ProfileEvent, profilePatch, verify } from '@portrait/receiver';
import { createTables, postgresStore, recordCallback } from '@portrait/receiver/postgres';
import { createSender } from '@portrait/receiver/testing';
import pg from 'pg';

const { TOKEN = '', SIGNING_SECRET = '', OTHER_SECRET = '' } = process.env;
const saveProfile = async (_userId: string, _patch: object): Promise<void> => undefined;
const readWholeProfile = async ({ userId }: ProfileEvent): Promise<void> => saveProfile(userId, {});

export const both = createHandler({
  sdkAppId: 1400000001,
  token: TOKEN,
  signingSecrets: [SIGNING_SECRET],
  require: 'either',
  on: { 'Profile.CallbackPortraitSet': (event) => saveProfile(event.userId, profilePatch(event)) },
});

export const severalApps = createHandler({
  apps: [
    { sdkAppId: 1400000001, signingSecrets: [SIGNING_SECRET] },
    { sdkAppId: 1400000002, signingSecrets: [OTHER_SECRET] },
  ],
  on: {
    'Profile.CallbackPortraitSet': async (event, context) => {
      for (const item of event.items) {
        if (item.tag === 'Tag_Profile_IM_Level') console.log(context.sdkAppId, item.value + 1);
      }
    },
    'C2C.CallbackBeforeSendMsg': ({ body }) => ({ ErrorCode: body.From_Account === 'spammer' ? 1 : 0 }),
  },
  onUnknown: ({ command }) => console.log('nobody handles', command),
});

const pool = new pg.Pool();

export async function startWithPostgres() {
  await createTables(pool);
  return createHandler({
    sdkAppId: 1400000001,
    signingSecrets: [SIGNING_SECRET],
    store: postgresStore(pool),
    on: { 'Profile.CallbackPortraitSet': (event) => saveProfile(event.userId, profilePatch(event)) },
    onStale: (event) => readWholeProfile(event),
    onGap: (event) => readWholeProfile(event),
  });
}

export const inOwnTransaction = createHandler({
  sdkAppId: 1400000001,
  signingSecrets: [SIGNING_SECRET],
  store: false,
  on: {
    'Profile.CallbackPortraitSet': async (event, context) => {
      const { userId } = event;
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        if ((await recordCallback(client, context, { userId })) === 'new') {
          await client.query('UPDATE users SET profile = profile || $2 WHERE id = $1', [userId, profilePatch(event)]);
        }
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      } finally {
        client.release();
      }
    },
  },
});

export async function onlyVerify(request: Request): Promise<string> {
  const result = await verify(request, { sdkAppId: 1400000001, signingSecrets: [SIGNING_SECRET] });
  return result.ok ? result.event.command : result.reason;
}

export async function inATest(): Promise<void> {
  const known = { sdkAppId: 1400000001, signingSecrets: [SIGNING_SECRET] };
  const names: unknown[] = [];
  const on = { 'Profile.CallbackPortraitSet': (event: ProfileEvent) => void names.push(profilePatch(event).nick) };
  const sender = createSender({ ...known, deliver: createHandler({ ...known, store: memoryStore(), on }) });
  const changes = ['Al', 'Ali', 'Alice'].map((nick) => sender.change('alice', { nick }));
  await sender.sendAll(changes, { times: 3, order: 'reversed', oneByOne: true });
  console.log(names);
}
