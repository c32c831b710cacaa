/** The console: static files under `/console/`, and one page for all its addresses. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { contentSecurityPolicy } from './content-security-policy.ts';

/** Where the build puts the console's files: beside `src` and `dist`. */
const ROOT = fileURLToPath(new URL('../../console/', import.meta.url));
const FILE = /\.(css|gz|html|ico|js|json|map|png|svg|txt|woff2|xml)$/;
const NOT_BUILT = 'The console is not built: run "npm run build", or start with "npm start".\n';

/** What the console may load beyond its own files. */
export interface ConsoleOptions {
  readonly webSdkUrl?: string | undefined;
  /** default: where the build puts them */
  readonly root?: string;
}

/** Adds the console's routes. */
export async function addConsole(app: FastifyInstance, { webSdkUrl, root = ROOT }: ConsoleOptions): Promise<void> {
  for (const path of ['/', '/console']) app.get(path, (_request, reply) => reply.redirect('/console/'));
  await app.register(fastifyStatic, {
    root: join(root, 'assets'),
    prefix: '/console/assets/',
    // their names change with their content
    immutable: true,
    maxAge: '365d',
    preCompressed: true,
    index: false,
    setHeaders: (reply) => void reply.header('x-content-type-options', 'nosniff'),
  });
  let page: string | undefined;
  app.get<{ Params: { '*': string } }>('/console/*', async ({ params }, reply) => {
    // ids have dots too
    if (FILE.test(params['*'])) return reply.code(404).type('text/plain').send('There is no such file.\n');
    page ??= await readFile(join(root, 'index.html'), 'utf8').catch(() => undefined);
    if (page === undefined) return reply.code(503).type('text/plain').send(NOT_BUILT);
    return sendPage(reply, page, webSdkUrl);
  });
}

/** Each answer has a nonce of its own, for the few rules of style that the component library adds. */
function sendPage(reply: FastifyReply, page: string, webSdkUrl: string | undefined): FastifyReply {
  const nonce = randomBytes(16).toString('base64');
  return reply
    .headers({
      'content-security-policy': contentSecurityPolicy({ nonce, webSdkUrl }),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'permissions-policy': 'camera=(), microphone=(), geolocation=()',
      'cross-origin-opener-policy': 'same-origin',
    })
    .type('text/html; charset=utf-8')
    .send(page.replace('%NONCE%', nonce));
}
