/** Hono, here on Node.js; on Workers, Deno or Bun it is the same app. */
import { serve } from '@hono/node-server';
import { createHandler, profilePatch } from '@portrait/receiver';
import { honoHandler } from '@portrait/receiver/hono';
import { Hono } from 'hono';

const { PORT = '9000', SDK_APP_ID = '1400000001', TOKEN = '', SIGNING_SECRET = '' } = process.env;

const receiver = createHandler({
  sdkAppId: Number(SDK_APP_ID),
  token: TOKEN,
  signingSecrets: [SIGNING_SECRET],
  on: {
    'Profile.CallbackPortraitSet': (event) => console.log('new', event.userId, profilePatch(event)),
  },
  onRejected: ({ reason, detail }) => console.warn('refused', reason, detail),
});

const app = new Hono();
app.post('/callback', honoHandler(receiver));
app.post('/echo', async (context) => context.json(await context.req.json()));

serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`Waiting for callbacks at http://127.0.0.1:${port}/callback`);
});
