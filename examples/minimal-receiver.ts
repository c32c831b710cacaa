/** A receiver in its shortest form: verify, handle, answer. SIGNING_SECRET is what `portrait endpoint add` printed. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { verifyCallback } from '@portrait/receiver';

const { PORT = '9000', SDK_APP_ID = '1400000001', SIGNING_SECRET = '' } = process.env;
const endpoint = { sdkAppId: Number(SDK_APP_ID), signingSecrets: [SIGNING_SECRET] };

async function answer(request: IncomingMessage): Promise<object> {
  const { url = '', headers } = request;
  const callback = await verifyCallback({ url, headers, body: await text(request) }, endpoint);
  if (!callback.ok) return { ActionStatus: 'FAIL', ErrorCode: 1, ErrorInfo: callback.reason };
  const { event, delivery } = callback;
  if (event.kind === 'profile-updated') console.log(delivery.webhookId, delivery.sequence, event.userId, event.items);
  return { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };
}

const server = createServer((request, response) => {
  answer(request).then(
    (reply) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(reply)),
    () => response.destroy(), // the sender hung up; it will send again
  );
});
server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`Waiting for callbacks at http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
