/** Code of receivers in the reader's framework, for one app. */

export const FRAMEWORKS = ['node', 'express', 'fastify', 'hono', 'next'] as const;
export type Framework = (typeof FRAMEWORKS)[number];

export const FRAMEWORK_NAMES: Readonly<Record<Framework, string>> = {
  node: 'Node.js',
  express: 'Express',
  fastify: 'Fastify',
  hono: 'Hono',
  next: 'Next.js',
};

/** What the code is filled with. Secrets stay in the environment. */
export interface SampleValues {
  readonly sdkAppId: number;
  /** path of the endpoint's URL */
  readonly path: string;
  readonly hasToken: boolean;
}

export function installCommand(framework: Framework): string {
  const others: Readonly<Record<Framework, string>> = {
    node: '',
    express: ' express',
    fastify: ' fastify',
    hono: ' hono @hono/node-server',
    next: '',
  };
  return `npm install @portrait/receiver${others[framework]}`;
}

export function receiverSample(framework: Framework, values: SampleValues): string {
  const { head, foot } = PARTS[framework](values.path);
  return `${head}\n\n${handlerOf(values)}\n\n${foot}\n`;
}

function handlerOf({ sdkAppId, hasToken }: SampleValues): string {
  const token = hasToken ? '\n  token: process.env.PORTRAIT_TOKEN,' : '';
  return `const receiver = createHandler({
  sdkAppId: ${sdkAppId},${token}
  signingSecrets: [process.env.PORTRAIT_SIGNING_SECRET],
  on: {
    'Profile.CallbackPortraitSet': async (event) => {
      console.log(event.userId, event.items);
    },
  },
});`;
}

const IMPORT = "import { createHandler } from '@portrait/receiver';";

const PARTS: Readonly<Record<Framework, (path: string) => { readonly head: string; readonly foot: string }>> = {
  node: () => ({
    head: `import { createServer } from 'node:http';\n${IMPORT}\nimport { nodeHandler } from '@portrait/receiver/node';`,
    foot: 'createServer(nodeHandler(receiver)).listen(9000);',
  }),
  express: (path) => ({
    head: `import express from 'express';\n${IMPORT}\nimport { expressHandler } from '@portrait/receiver/express';`,
    foot: `const app = express();\n// above app.use(express.json()): the signature is over the raw body\napp.post('${path}', expressHandler(receiver));\napp.listen(9000);`,
  }),
  fastify: (path) => ({
    head: `import Fastify from 'fastify';\n${IMPORT}\nimport { fastifyReceiver } from '@portrait/receiver/fastify';`,
    foot: `const app = Fastify();\napp.register(fastifyReceiver(receiver), { prefix: '${path}' });\nawait app.listen({ port: 9000 });`,
  }),
  hono: (path) => ({
    head: `import { serve } from '@hono/node-server';\nimport { Hono } from 'hono';\n${IMPORT}\nimport { honoHandler } from '@portrait/receiver/hono';`,
    foot: `const app = new Hono();\napp.post('${path}', honoHandler(receiver));\nserve({ fetch: app.fetch, port: 9000 });`,
  }),
  next: (path) => ({
    head: `// app${path}/route.ts\n${IMPORT}\nimport { nextRoute } from '@portrait/receiver/next';`,
    foot: 'export const POST = nextRoute(receiver);',
  }),
};
