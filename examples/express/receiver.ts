/** Express: the receiver stands above express.json(), which would eat the bytes that are signed. */
import type { AddressInfo } from 'node:net';
import { createHandler, profilePatch } from '@portrait/receiver';
import { expressHandler } from '@portrait/receiver/express';
import express from 'express';

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

const app = express();
app.post('/callback', expressHandler(receiver));
app.use(express.json());
app.post('/echo', (request, response) => {
  response.json(request.body);
});

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`Waiting for callbacks at http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`);
});
