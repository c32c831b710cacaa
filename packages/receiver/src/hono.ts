/** For Hono on any runtime. */
import type { CallbackHandler, RuntimeContext } from './create-handler.ts';

/** What is used of Hono's context. */
export interface HonoContextLike {
  readonly req: { readonly raw: Request; arrayBuffer(): Promise<ArrayBuffer> };
  /** Throws where the runtime has none. */
  readonly executionCtx: { waitUntil(work: Promise<unknown>): void };
}

const REMEDY = 'In Hono read it with c.req.json() or c.req.text(), which keep it, and not through c.req.raw';

/** Make a handler: `app.post('/callback', honoHandler(receiver))`. What middleware read through `c.req` is not lost. */
export function honoHandler(handler: CallbackHandler): (context: HonoContextLike) => Promise<Response> {
  return async (context) => {
    const { raw } = context.req;
    const kept = raw.bodyUsed ? await context.req.arrayBuffer().catch(() => undefined) : undefined;
    const { method, url, headers } = raw;
    const body = kept ? new Uint8Array(kept) : raw.body;
    const incoming = { method, url, headers, body, bodyUsed: raw.bodyUsed && !kept, bodyRemedy: REMEDY };
    const answer = await handler.receive(incoming, runtimeOf(context));
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  };
}

function runtimeOf(context: HonoContextLike): RuntimeContext | undefined {
  try {
    const { executionCtx } = context;
    return { waitUntil: (work) => executionCtx.waitUntil(work) };
  } catch {
    return undefined;
  }
}
