/**
 * An app on Node.js as its compiler sees it: the emitted declarations of every entry, without the types of browsers, and with
 * library declarations checked. Only has to compile: tsc -p packages/receiver/test/consumer
 */
import { createServer } from 'node:http';
import { createHandler, profilePatch } from '@portrait/receiver';
import { expressHandler } from '@portrait/receiver/express';
import { fastifyReceiver } from '@portrait/receiver/fastify';
import { honoHandler } from '@portrait/receiver/hono';
import { nextRoute } from '@portrait/receiver/next';
import { nodeHandler } from '@portrait/receiver/node';
import { postgresStore } from '@portrait/receiver/postgres';
import { sqliteStore } from '@portrait/receiver/sqlite';
import { createSender } from '@portrait/receiver/testing';

const receiver = createHandler({
  sdkAppId: 1,
  token: 'token',
  on: {
    'Profile.CallbackPortraitSet': async (event) => {
      const name: string | undefined = profilePatch(event).nick;
      for (const item of event.items) {
        if (item.tag === 'Tag_Profile_IM_Level') console.log(name, item.value + 1);
      }
    },
  },
});

createServer(nodeHandler(receiver));

/** The rest is imported so that its declarations are read. */
export const others: readonly unknown[] = [
  createSender,
  expressHandler,
  fastifyReceiver,
  honoHandler,
  nextRoute,
  postgresStore,
  sqliteStore,
];
