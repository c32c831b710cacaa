import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEVEL, NICK, sampleEvent } from '../../test/support/samples.ts';
import { eraseEvent } from './erase-event.ts';

test('an erased event names what changed, and no value', () => {
  const event = sampleEvent({
    seq: 7,
    body: '{"CallbackCommand":"Profile.CallbackPortraitSet","Operator_Account":"administrator","From_Account":"id1","EventTime":5,"ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"Ann"},{"Tag":"Tag_Profile_IM_Level","Value":8}]}',
    previousItems: [
      { tag: NICK, value: 'old' },
      { tag: LEVEL, value: 7 },
    ],
  });
  assert.deepEqual(eraseEvent(event), {
    body: '{"CallbackCommand":"Profile.CallbackPortraitSet","Operator_Account":"administrator","From_Account":"id1","EventTime":5,"ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":""},{"Tag":"Tag_Profile_IM_Level","Value":""}]}',
    previousItems: [
      { tag: NICK, value: '' },
      { tag: LEVEL, value: '' },
    ],
    clientIp: '',
  });
});

test('a body that nobody can read is dropped whole', () => {
  assert.equal(eraseEvent(sampleEvent({ seq: 1, body: 'Nick: Ann' })).body, '{}');
});
