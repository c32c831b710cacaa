/** Each adapter in its real framework, on a real socket, with bodies that are raw, kept, or eaten. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type CallbackHandler, createHandler, type HandlerOptions } from '@portrait/receiver';
import { expressHandler } from '@portrait/receiver/express';
import { fastifyHandler, fastifyReceiver } from '@portrait/receiver/fastify';
import { honoHandler } from '@portrait/receiver/hono';
import { nextApiRoute, nextRoute } from '@portrait/receiver/next';
import { nodeHandler } from '@portrait/receiver/node';
import { profileBody, signedParts, signedRequest } from '@portrait/receiver/testing';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { APP, clockAt, SECRET } from './support.ts';

const KNOWN = { sdkAppId: APP, signingSecrets: [SECRET] } as const;
const OK = '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}';

function makeReceiver(options: Partial<HandlerOptions> = {}) {
  const users: string[] = [];
  const errors: string[] = [];
  const receiver: CallbackHandler = createHandler({
    ...KNOWN,
    clock: clockAt(),
    on: { 'Profile.CallbackPortraitSet': ({ userId }) => void users.push(userId) },
    onError: (error) => void errors.push(String(error)),
    ...options,
  });
  return { receiver, users, errors };
}

async function listen(t: TestContext, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;
}

const serve = (t: TestContext, listener: RequestListener): Promise<string> => listen(t, createServer(listener));

async function post(url: string, headers: Record<string, string | undefined> = {}): Promise<[number, string]> {
  const response = await fetch(await signedRequest({ ...KNOWN, url, headers }));
  return [response.status, await response.text()];
}

test('node: a listener', async (t) => {
  const { receiver, users } = makeReceiver();
  const url = await serve(t, nodeHandler(receiver));
  assert.deepEqual(await post(url), [200, OK]);
  assert.equal((await fetch(url)).status, 405);
  assert.deepEqual(users, ['alice']);
});

test('node: a body over the limit is answered, not cut off', async (t) => {
  const { receiver } = makeReceiver({ maxBodyBytes: 1000 });
  const url = await serve(t, nodeHandler(receiver));
  const parts = await signedParts({ ...KNOWN, url, body: 'x'.repeat(5_000_000) });
  const response = await fetch(parts.url, parts);
  assert.equal(response.status, 413);
});

test('node: a client that breaks off in the middle harms nobody', async (t) => {
  const reasons: string[] = [];
  const { receiver, errors } = makeReceiver({ onRejected: ({ reason }) => void reasons.push(reason) });
  const url = new URL(await serve(t, nodeHandler(receiver)));
  const { url: target } = await signedParts(KNOWN);
  const socket = connect(Number(url.port), '127.0.0.1');
  socket.write(
    `POST ${target.slice('http://receiver.test'.length)} HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf`,
    () => socket.destroy(),
  );
  while (reasons.length === 0) await new Promise(setImmediate);
  assert.deepEqual([reasons, errors], [['body'], []]);
  assert.deepEqual(await post(url.href), [200, OK]);
});

test('express: above the parser, and with the bytes kept by it', async (t) => {
  const { receiver, users, errors } = makeReceiver();
  const app = express();
  app.post('/callback', expressHandler(receiver));
  app.use(express.json());
  assert.deepEqual(await post(await serve(t, app)), [200, OK]);

  const kept = express();
  kept.use(
    express.json({
      verify: (request, _response, bytes) => {
        Object.assign(request, { rawBody: bytes });
      },
    }),
  );
  kept.use('/callback', expressHandler(receiver));
  assert.deepEqual(await post(await serve(t, kept), { 'x-second': '1' }), [200, OK]);

  const raw = express();
  raw.use(express.raw({ type: '*/*' }));
  raw.post('/callback', expressHandler(receiver));
  assert.deepEqual(await post(await serve(t, raw)), [200, OK]);
  assert.deepEqual([users, errors], [['alice'], []], 'once, the others were repeats');
});

test('express: a parser above it has eaten the body, and the error names the lines to write', async (t) => {
  const { receiver, users, errors } = makeReceiver();
  const app = express();
  app.use(express.json());
  app.post('/callback', expressHandler(receiver));
  const [status] = await post(await serve(t, app));
  assert.deepEqual([status, users], [500, []]);
  assert.match(
    errors[0] ?? '',
    /^BodyConsumedError: .*mount the receiver above app\.use\(express\.json\(\)\).*request\.rawBody = bytes/,
  );
});

test('express: a parser that looks at other content types has eaten nothing', async (t) => {
  const { receiver } = makeReceiver();
  const app = express();
  app.use(express.json());
  app.post('/callback', expressHandler(receiver));
  assert.deepEqual(await post(await serve(t, app), { 'content-type': undefined }), [200, OK]);
});

test('fastify: a plugin whose scope keeps bodies raw, beside routes that parse', async (t) => {
  const { receiver, users } = makeReceiver({ maxBodyBytes: 3_000_000 });
  const app = fastify();
  t.after(() => app.close());
  await app.register(fastifyReceiver(receiver), { prefix: '/callback' });
  app.post('/parsed', async (request) => request.body);
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  assert.deepEqual(await post(`${address}/callback`), [200, OK]);
  assert.deepEqual(await post(`${address}/callback`, { 'content-type': 'text/plain' }), [200, OK]);
  assert.deepEqual(await post(`${address}/callback`, { 'content-type': undefined }), [200, OK]);
  const headers = { 'content-type': 'application/json' };
  const parsed = await fetch(`${address}/parsed`, { method: 'POST', headers, body: '{"a":1}' });
  assert.equal(await parsed.text(), '{"a":1}');
  assert.deepEqual(users, ['alice']);
});

test('fastify: a plain route needs two lines, and without them says so', async (t) => {
  const { receiver, errors, users } = makeReceiver();
  const eaten = fastify();
  eaten.post('/callback', fastifyHandler(receiver));
  const kept = fastify();
  kept.removeAllContentTypeParsers();
  kept.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes));
  kept.post('/callback', fastifyHandler(receiver));
  t.after(() => Promise.all([eaten.close(), kept.close()]));
  const [status] = await post(`${await eaten.listen({ port: 0, host: '127.0.0.1' })}/callback`);
  assert.equal(status, 500);
  assert.match(errors[0] ?? '', /^BodyConsumedError: .*addContentTypeParser\('\*', \{ parseAs: 'buffer' \}/);
  assert.deepEqual(await post(`${await kept.listen({ port: 0, host: '127.0.0.1' })}/callback`), [200, OK]);
  assert.deepEqual(users, ['alice']);
});

test('hono: with its own request, after middleware that read the body, and with a runtime that keeps work alive', async () => {
  const { receiver, errors } = makeReceiver();
  const app = new Hono();
  app.use('/read/*', async (context, next) => {
    await context.req.json();
    await next();
  });
  app.use('/eaten/*', async (context, next) => {
    await context.req.raw.text();
    await next();
  });
  app.post('*', honoHandler(receiver));
  // written again it would be other bytes
  const body = profileBody({ userId: 'alice', changed: { nick: 'A' } })
    .replace('{', '{ ')
    .replace('"A"', '"\\u0041"');
  const ask = async (path: string) => {
    const response = await app.fetch(
      await signedRequest({ ...KNOWN, body, url: `http://h${path}` }),
      {},
      {
        waitUntil: () => undefined,
        passThroughOnException: () => undefined,
        props: {},
      },
    );
    return [response.status, await response.text()];
  };
  assert.deepEqual(await ask('/'), [200, OK]);
  assert.deepEqual((await app.request(await signedRequest(KNOWN))).status, 200);
  assert.deepEqual((await ask('/eaten/a'))[0], 500);
  assert.match(errors[0] ?? '', /^BodyConsumedError: .*c\.req\.json\(\)/);
  assert.deepEqual(await ask('/read/a'), [200, OK]);
});

test('hono: middleware that read it as text or bytes', async () => {
  const { receiver } = makeReceiver();
  const app = new Hono();
  app.use('/text', async (context, next) => {
    await context.req.text();
    await next();
  });
  app.use('/bytes', async (context, next) => {
    await context.req.arrayBuffer();
    await next();
  });
  app.post('*', honoHandler(receiver));
  for (const path of ['/text', '/bytes']) {
    assert.equal((await app.request(await signedRequest({ ...KNOWN, url: `http://h${path}` }))).status, 200);
  }
});

test('next: a route handler, and an API route with and without its parser', async (t) => {
  const { receiver, users, errors } = makeReceiver();
  const answer = await nextRoute(receiver)(await signedRequest(KNOWN));
  assert.deepEqual([answer.status, await answer.text(), users], [200, OK, ['alice']]);

  assert.deepEqual(await post(await serve(t, nextApiRoute(receiver))), [200, OK]);
  // what Next does with bodyParser on: it reads, parses, and sets body
  const parsing: RequestListener = (request, response) => {
    void request.toArray().then((chunks) => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      return nextApiRoute(receiver)(Object.assign(request, { body }), response);
    });
  };
  assert.equal((await post(await serve(t, parsing)))[0], 500);
  assert.match(errors[0] ?? '', /^BodyConsumedError: .*export const config = \{ api: \{ bodyParser: false \} \}/);
});
