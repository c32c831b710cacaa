/** A receiver in its shortest form. SIGNING_SECRET is what `portrait endpoint add` printed. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHandler, profilePatch } from '@portrait/receiver';
import { nodeHandler } from '@portrait/receiver/node';

const { PORT = '9000', SDK_APP_ID = '1400000001', SIGNING_SECRET = '' } = process.env;

const receiver = createHandler({
  sdkAppId: Number(SDK_APP_ID),
  signingSecrets: [SIGNING_SECRET],
  on: {
    'Profile.CallbackPortraitSet': async (event, { webhookId, sequence }) => {
      console.log(webhookId, sequence, event.userId, profilePatch(event));
    },
  },
  onRejected: ({ reason, detail }) => console.warn(reason, detail),
});

const server = createServer(nodeHandler(receiver));

server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`Waiting for callbacks at http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
