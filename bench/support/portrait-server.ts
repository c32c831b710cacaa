/** Portrait as `portrait serve` runs it, on a folder that is given, without the rate limit. */
import { parseArgs } from 'node:util';
import { createLog } from '../../packages/server/src/log.ts';
import { startServer } from '../../packages/server/src/serve.ts';

const { values } = parseArgs({ options: { data: { type: 'string' } } });
const config = {
  host: '127.0.0.1',
  port: 0,
  dataDir: values.data ?? '',
  databaseUrl: undefined,
  roles: ['api', 'dispatch'] as const,
  adminToken: 'bench',
  webhookAllow: undefined,
  trustProxy: [],
  retentionMs: 604_800_000,
  logLevel: 'info' as const,
};
const server = await startServer({ config, log: createLog(config.logLevel) });
console.log(JSON.stringify({ port: server.port, ...server.firstStart }));
process.once('SIGTERM', async () => {
  await server.close();
  process.exit(0);
});
