/** What an app hears that asks a profile server for messages, friends or groups. */
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { suiteOwner } from '../support/live/cleanup.ts';
import type { TestServer } from '../support/live/test-server.ts';
import { resultOf, SDK_PACKAGES } from './support/message.ts';
import { sdkTest } from './support/witness.ts';
import { startWorld, type World } from './support/world.ts';

const TEXT = { to: 'bea', conversationType: 'C2C', payload: { text: 'hello' } };

/** Methods that both packages have, and what the refusal is about. */
const REFUSED: readonly (readonly [topic: string, method: string, arg: unknown])[] = [
  ['messages', 'sendMessage', resultOf('createTextMessage', TEXT)],
  ['messages', 'getMessageList', { conversationID: 'C2Cbea' }],
  ['friends or block lists', 'addToBlacklist', { userIDList: ['bea'] }],
  ['groups', 'createGroup', { type: 'Private', name: 'g' }],
  ['groups', 'joinGroup', { groupID: 'g' }],
  ['user status', 'setSelfStatus', { customStatus: 'busy' }],
];

const EMPTY = ['getConversationList', 'getGroupList', 'getBlacklist'];

describe('refusals', { concurrency: 2 }, () => {
  const owner = suiteOwner();
  let world: World<TestServer>;

  before(async () => {
    world = await startWorld(owner);
  });

  for (const name of SDK_PACKAGES) {
    sdkTest(`${name}: what is not there is refused with a sentence, once, and all else goes on`, async (t) => {
      const client = await world.loggedIn(t, 'ann', { package: name });
      for (const method of EMPTY) assert.equal((await client.call(method)).code, 0, method);
      for (const [topic, method, arg] of REFUSED) {
        const before = client.sent().length;
        await assert.rejects(client.call(method, arg), (error: Error & { code: number }) => {
          assert.equal(error.code, 60009, `${method}: ${error.message}`);
          assert.ok(error.message.includes(`keeps profiles only: it has no ${topic} (`), error.message);
          return true;
        });
        const asked = client.sent().slice(before);
        assert.ok(asked.length <= 6, `${method}: ${asked.map(({ servcmd }) => servcmd)}`);
      }
      client.allowWarning(/"code":60009/, /Oops! code:60009/);
      assert.equal((await client.update({ nick: 'unharmed' })).nick, 'unharmed');
      assert.equal(client.traffic.filter(({ kind }) => kind === 'opened').length, 1);
    });
  }
});
