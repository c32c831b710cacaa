/** Two processes on one folder would break the order of the log. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChildServer } from '../support/live/child-server.ts';
import { nick } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';

test('a second process on the same folder is refused with one sentence, and the first goes on', async (t) => {
  const server = await startTestServer(t);
  const app = await server.createApp();
  await app.importUsers('id1');
  const second = new ChildServer(server.dataDir, []);
  second.spawn();
  const ended = await second.untilEnded();
  assert.equal(ended?.code, 1);
  assert.equal(ended?.stdout, '');
  assert.match(
    ended?.stderr ?? '',
    new RegExp(`^[^\\n]*${server.dataDir}[^\\n]*in use by another Portrait[^\\n]*\\.\\n$`),
  );
  assert.ok(ended?.stderr.includes(String(process.pid)), 'the sentence names the process');
  await app.set('id1', nick('a'));
  assert.deepEqual(await app.get('id1'), { Tag_Profile_IM_Nick: 'a' });
});
