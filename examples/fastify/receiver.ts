/** Fastify: a plugin whose scope keeps bodies raw; other routes parse as ever. */
import { createHandler, profilePatch } from '@portrait/receiver';
import { fastifyReceiver } from '@portrait/receiver/fastify';
import fastify from 'fastify';

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

const app = fastify();
await app.register(fastifyReceiver(receiver), { prefix: '/callback' });
app.post('/echo', async (request) => request.body);

const address = await app.listen({ port: Number(PORT), host: '127.0.0.1' });
console.log(`Waiting for callbacks at ${address}/callback`);
