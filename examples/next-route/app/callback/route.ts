/**
 * Next.js, app router: this file is app/callback/route.ts. A route handler gets a web-standard Request with its body unread,
 * so nothing is to be set up. Processes share what was handled through PostgreSQL if DATABASE_URL is there.
 */
import { createHandler, profilePatch } from '@portrait/receiver';
import { nextRoute } from '@portrait/receiver/next';
import { createTables, postgresStore } from '@portrait/receiver/postgres';
import pg from 'pg';

const { SDK_APP_ID = '1400000001', TOKEN = '', SIGNING_SECRET = '', DATABASE_URL } = process.env;

const pool = DATABASE_URL === undefined ? undefined : new pg.Pool({ connectionString: DATABASE_URL });
if (pool) await createTables(pool);

const receiver = createHandler({
  sdkAppId: Number(SDK_APP_ID),
  token: TOKEN,
  signingSecrets: [SIGNING_SECRET],
  store: pool && postgresStore(pool),
  on: {
    'Profile.CallbackPortraitSet': (event) => console.log('new', event.userId, profilePatch(event)),
  },
  onRejected: ({ reason, detail }) => console.warn('refused', reason, detail),
});

/** What Next calls. */
export const POST: (request: Request) => Promise<Response> = nextRoute(receiver);
