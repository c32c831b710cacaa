/** For Next.js: route handlers (app router) and API routes (pages router). */
import type { CallbackHandler } from './create-handler.ts';
import { type NodeRequest, type NodeResponse, nodeHandler } from './node.ts';

const REMEDY =
  'In an API route of Next.js switch its parser off in the same file: export const config = { api: { bodyParser: false } }; ' +
  'a route handler under app/ needs nothing: export const POST = nextRoute(receiver)';

/** Make a route handler: `export const POST = nextRoute(receiver)` in `app/…/route.ts`. */
export function nextRoute(handler: CallbackHandler): (request: Request) => Promise<Response> {
  // Next's second argument is of its own
  return (request) => handler(request);
}

/** Make an API route under `pages/api`, whose file must also switch the body parser off. */
export function nextApiRoute(
  handler: CallbackHandler,
): (request: NodeRequest, response: NodeResponse) => Promise<void> {
  return nodeHandler(handler, REMEDY);
}
