/** Portrait as `portrait serve` runs it, on a folder, and if one is given a database, without the rate limit. */
import { parseArgs } from 'node:util';
import { readServeConfig } from '../../packages/server/src/config.ts';
import { createLog } from '../../packages/server/src/log.ts';
import { startServer } from '../../packages/server/src/serve.ts';

const { values } = parseArgs({
  options: { data: { type: 'string' }, 'database-url': { type: 'string' }, retention: { type: 'string' } },
});
const flags = {
  port: '0',
  adminToken: 'bench',
  maxClientsPerAddress: '1000000',
  maxClientsPerApp: '1000000',
  logLevel: 'warn',
};
const config = readServeConfig({
  flags: { ...flags, data: values.data, databaseUrl: values['database-url'], retention: values.retention },
  env: {},
  cwd: process.cwd(),
});
const server = await startServer({ config, log: createLog(config.logLevel) });
console.log(JSON.stringify({ port: server.port, ...server.firstStart }));
process.once('SIGTERM', async () => {
  await server.close();
  process.exit(0);
});
