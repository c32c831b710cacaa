/** What Next does with a route handler, and no more: gives it a Request, sends its Response. The file is the first argument. */
import { serve } from '@hono/node-server';

const [, , file = ''] = process.argv;
const { POST } = (await import(file)) as { readonly POST: (request: Request) => Promise<Response> };

serve({ fetch: POST, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`Waiting for callbacks at http://127.0.0.1:${port}/callback`);
});
