/** For Express 4 and 5, and what takes its kind of handlers. */
import type { CallbackHandler } from './create-handler.ts';
import { type NodeRequest, type NodeResponse, nodeHandler } from './node.ts';

const REMEDY =
  'In Express either mount the receiver above app.use(express.json()), or let that keep the bytes: ' +
  'app.use(express.json({ verify: (request, _response, bytes) => { request.rawBody = bytes; } }))';

/** Make a handler: `app.post('/callback', expressHandler(receiver))`, above `express.json()`. */
export function expressHandler(
  handler: CallbackHandler,
): (request: NodeRequest, response: NodeResponse) => Promise<void> {
  return nodeHandler(handler, REMEDY);
}
