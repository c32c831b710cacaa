/** The limit that draining is held against: an undici loop that sends the same requests over as many connections. */
import { Pool } from 'undici';

const [port, count, connections, template] = [
  Number(process.argv[2]),
  Number(process.argv[3]),
  Number(process.argv[4]),
  JSON.parse(process.argv[5] ?? '{}') as { path: string; headers: Record<string, string>; body: string },
];
const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1 });
let sent = 0;
async function one(): Promise<void> {
  while (sent < count) {
    sent += 1;
    const { body } = await pool.request({ method: 'POST', ...template });
    await body.text();
  }
}
console.log(JSON.stringify({ port }));
await Promise.all(Array.from({ length: connections }, one));
await pool.close();
