import assert from 'node:assert/strict';
import { MAX_VALUE_NUMBER } from '@portrait/wire';
import type { Attempt } from '../../../src/storage/store.ts';
import { APP, LEVEL, NICK, ORIGIN, sampleApp, sampleEndpoint } from '../../support/samples.ts';
import { type AddCase, countTo, itemsOf, sampleAttempt } from './given.ts';

/** Texts that a store may garble: escapes of SQL and JSON, all planes of Unicode, marks that readers drop. */
const DIFFICULT_TEXTS = [
  '',
  ' ',
  "it's; DROP TABLE profile; --",
  '"\\" \\u0041 \\\\ /',
  '$1 ? :name %s %00',
  'line\nbreak\r\ntab\tbell\u0007escape\u001b\u0001',
  'é e\u0301 ñ',
  '你好，世界',
  '😀👩‍👩‍👧‍👦𝒳',
  '\ufeffmark\u200b\u2028\u2029\ufffd',
  'مرحبا',
  '\ud83d\ude00'.repeat(125),
];

/** A difficult text can be a name only if it is one to be found again by eye; the store takes any. */
const DIFFICULT_NAMES = [
  "o'hara",
  '50%',
  'a_b',
  'A_B',
  'a\\b',
  'a b',
  'ä',
  '用户',
  '😀',
  'x'.repeat(32),
  '"',
  '1.5',
  '-1',
];

/** What goes in comes out. */
export function valueCases(add: AddCase): void {
  add('every text comes back as it was, in profile, event and what was before', async (given) => {
    await given.importUser('id1');
    const items = DIFFICULT_TEXTS.map((value, index) => ({ tag: `Tag_Profile_Custom_t${index}`, value }));
    const { profile, event } = await given.set('id1', items);
    await given.set('id1', items);
    await given.reopen();
    const [first, second] = await given.history('id1');
    assert.deepEqual((await given.profile('id1'))?.fields, profile.fields);
    assert.deepEqual(Object.values(profile.fields), DIFFICULT_TEXTS);
    assert.deepEqual(first, event);
    assert.deepEqual(first && itemsOf(first), items);
    assert.deepEqual(second?.previousItems, items);
  });

  add('numbers stay numbers and texts of digits stay texts', async (given) => {
    await given.importUser('id1');
    const items = [
      { tag: LEVEL, value: MAX_VALUE_NUMBER },
      { tag: 'Tag_Profile_IM_Role', value: 0 },
      { tag: NICK, value: '007' },
      { tag: 'Tag_Profile_IM_Location', value: 'null' },
    ];
    await given.set('id1', items);
    await given.reopen();
    assert.deepEqual((await given.profile('id1'))?.fields, {
      [LEVEL]: MAX_VALUE_NUMBER,
      Tag_Profile_IM_Role: 0,
      [NICK]: '007',
      Tag_Profile_IM_Location: 'null',
    });
  });

  add('difficult names are different users', async (given) => {
    await given.importUsers(DIFFICULT_NAMES);
    for (const name of DIFFICULT_NAMES) await given.set(name, `nick of ${name}`);
    await given.reopen();
    const profiles = await given.store.getProfiles(APP, DIFFICULT_NAMES);
    assert.deepEqual(
      profiles.map((profile) => [profile?.userId, profile?.version, profile?.fields[NICK]]),
      DIFFICULT_NAMES.map((name) => [name, 1, `nick of ${name}`]),
    );
  });

  add('64 tags of 500 bytes fit into one change', async (given) => {
    await given.importUser('id1');
    const items = countTo(64).map((number) => ({
      tag: `Tag_Profile_Custom_t${number}`,
      value: '\ud83d\ude00'.repeat(125),
    }));
    await given.set('id1', items);
    const event = await given.set('id1', items).then((change) => change.event);
    await given.reopen();
    assert.equal(Object.keys((await given.profile('id1'))?.fields ?? {}).length, 64);
    assert.deepEqual((await given.history('id1')).at(-1), event);
    assert.deepEqual(event?.previousItems, items);
  });

  add('settings and attempts keep every member', async (given) => {
    const app = sampleApp({
      name: DIFFICULT_TEXTS.join('|'),
      announceImports: true,
      rateLimitPerSecond: 0,
      userWritableFields: [],
      maxSessionsPerPlatform: 100,
    });
    const endpoint = sampleEndpoint({
      headers: { 'x-a': '\'"\\😀' },
      url: 'https://example.com/a?b=%20#',
      signingSecrets: [],
    });
    await given.store.createApp(app);
    await given.store.createEndpoint(endpoint);
    const event = await given.announceAll(['id1']).then(([first]) => first);
    const place = { endpointId: 'ep_1', lane: given.laneOf('id1'), epoch: await given.claim(), seq: 1 };
    const attempts: Attempt[] = [
      sampleAttempt({
        seq: 1,
        number: 1,
        outcome: 'failed',
        reason: 'timeout',
        detail: 'no answer in 2000 ms',
        durationMs: 2_000.01,
      }),
      sampleAttempt({
        seq: 1,
        number: 2,
        outcome: 'failed',
        reason: 'status',
        detail: 'status 500',
        status: 500,
        answer: '',
      }),
      sampleAttempt({ seq: 1, number: 3, status: 200, answer: `${'😀'.repeat(1_000)}\n"'\\`, durationMs: 0 }),
    ];
    await given.settle(place, { attempts });
    await given.reopen();
    assert.deepEqual(await given.store.listApps(), [app]);
    assert.deepEqual(await given.store.listEndpoints(), [endpoint]);
    assert.deepEqual((await given.store.getDelivery(event?.eventId ?? '', 'ep_1'))?.attempts, attempts);
  });

  add('who acted, from where, stands in the event', async (given) => {
    await given.importUser('id1');
    const origin = { ...ORIGIN, operatorId: "o'hara 😀", clientIp: '2001:db8::1', platform: 'Web' };
    const items = [{ tag: NICK, value: 'Ann' }];
    await given.store.commitChange({ kind: 'set', sdkAppId: APP, userId: 'id1', items, origin });
    const [event] = await given.history('id1');
    assert.deepEqual([event?.clientIp, event?.platform], ['2001:db8::1', 'Web']);
    assert.match(event?.body ?? '', /"Operator_Account":"o'hara 😀"/);
  });
}
