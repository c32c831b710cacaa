/** What a client should be like after its server went away and came back. */
import assert from 'node:assert/strict';
import { nick, type Reachable } from '../../support/live/test-app.ts';
import type { RecordedClient } from './recorded-client.ts';
import type { World } from './world.ts';

/** What the SDK logs when a server is not there: no connection, and what it asked meanwhile went unanswered (2801). */
const LOGGED = [/SocketHandler\._onError/, /SocketHandler\.forcedReconnect/, /"code":2801/];

/**
 * Wait until the client is back by itself, and check that it is as if nothing had been.
 *
 * @param seen  nick that was set while the client was away
 */
export async function assertBack(
  client: RecordedClient,
  world: World<Reachable>,
  { userId, seen, withinMs }: { readonly userId: string; readonly seen: string; readonly withinMs: number },
): Promise<void> {
  client.allowWarning(...LOGGED);
  await client.untilUpdated(userId, { nick: seen }, withinMs);
  await world.untilStatus(userId, 'Online');
  await world.set(userId, ...nick(`${seen}, live`));
  await client.untilUpdated(userId, { nick: `${seen}, live` });
  assert.equal((await client.update({ level: 3 })).level, 3);
  assert.deepEqual(await world.app.get(userId, ['Tag_Profile_IM_Level']), { Tag_Profile_IM_Level: 3 });
  await client.update({ level: 0 });
  assert.equal((await client.myProfile()).nick, `${seen}, live`);
  assertSameSession(client);
}

/** It came back with the a2 of its one login. */
function assertSameSession(client: RecordedClient): void {
  assert.deepEqual(client.eventsOf('KICKED_OUT'), []);
  assert.deepEqual(client.eventsOf('SDK_NOT_READY'), []);
  const [first, ...later] = client.received('im_open_status.wslogin').map(({ body }) => body);
  assert.ok(later.length > 0, 'logged in again');
  for (const { A2Key, TinyId, InstId, ErrorCode } of later) {
    assert.deepEqual([A2Key, TinyId, InstId, ErrorCode], [first?.A2Key, first?.TinyId, first?.InstId, 0]);
  }
  const requests = client.sent('im_open_status.wslogin').map(({ head }) => head);
  assert.deepEqual(
    requests.map(({ usersig }) => usersig !== undefined),
    requests.map((_, index) => index === 0),
    'the UserSig goes over the wire once',
  );
}
