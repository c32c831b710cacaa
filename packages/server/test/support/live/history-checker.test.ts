/** The judge is judged: each fault that it must see is made once. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { HistoryChecker } from './history-checker.ts';
import type { ReceivedCallback } from './receiver.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const TOKEN = 'token';

interface Callback {
  readonly userId?: string;
  readonly sequence: number;
  readonly value: string;
  /** default: by user and sequence */
  readonly eventId?: string;
  /** of the body */
  readonly atMs?: number;
  /** default: accepted */
  readonly isAccepted?: boolean;
  readonly signedWith?: string;
  readonly token?: string;
  readonly member?: string;
}

let index = 0;

function callbackOf(callback: Callback): ReceivedCallback {
  const { userId = 'u', sequence, value, atMs = 1_000 + sequence, isAccepted = true } = callback;
  const {
    eventId = `evt_${userId}_${sequence}`,
    signedWith = SECRET,
    token = TOKEN,
    member = 'ProfileItem',
  } = callback;
  const ProfileItem = [{ Tag: 'Tag_Profile_IM_Nick', Value: value }];
  const body = JSON.stringify({
    CallbackCommand: 'Profile.CallbackPortraitSet',
    Operator_Account: 'administrator',
    From_Account: userId,
    EventTime: atMs,
    [member]: ProfileItem,
  });
  const now = new Date();
  const seconds = Math.floor(now.getTime() / 1_000);
  const sign = createHash('sha256').update(`${token}${seconds}`).digest('hex');
  const arrivedAt = performance.now();
  index += 1;
  return {
    index,
    method: 'POST',
    url: `/?SdkAppid=1&CallbackCommand=c&contenttype=json&ClientIP=i&OptPlatform=p&Sign=${sign}&RequestTime=${seconds}`,
    headers: {
      'webhook-id': eventId,
      'webhook-timestamp': String(seconds),
      'webhook-signature': new Webhook(signedWith).sign(eventId, now, body),
    },
    rawHeaders: [],
    remoteAddress: '127.0.0.1',
    localAddress: '127.0.0.1',
    body,
    atMs: arrivedAt,
    atUnixMs: now.getTime(),
    userId,
    sequence,
    attempt: 1,
    eventId,
    value,
    runningOfUser: 1,
    running: 1,
    acceptedAtMs: isAccepted ? arrivedAt : undefined,
  };
}

type Outcome = 'acknowledged' | 'refused' | 'unknown';

/** Changes a, b, c of one user, acknowledged one after the other, and these callbacks. */
function historyOf(callbacks: readonly Callback[], outcomes: Readonly<Record<string, Outcome>> = {}): HistoryChecker {
  const checker = new HistoryChecker({ sdkAppId: 1, token: TOKEN, signingSecret: SECRET });
  for (const value of ['a', 'b', 'c']) checker.sent('u', value)(outcomes[value] ?? 'acknowledged');
  for (const callback of callbacks) checker.received(callbackOf(callback));
  return checker;
}

const A = { sequence: 1, value: 'a' };
const B = { sequence: 2, value: 'b' };
const C = { sequence: 3, value: 'c' };

const GOOD: readonly (readonly [name: string, history: HistoryChecker])[] = [
  ['each once', historyOf([A, B, C])],
  ['repeats', historyOf([{ ...A, isAccepted: false }, A, B, A, B, C])],
  ['the last one unknown, and absent', historyOf([A, B], { c: 'unknown' })],
  ['the last one unknown, and there', historyOf([A, B, C], { c: 'unknown' })],
  ['one refused, and absent', historyOf([A, { sequence: 2, value: 'c' }], { b: 'refused' })],
];
for (const [name, history] of GOOD) {
  test(`is fine: ${name}`, () => {
    history.check();
  });
}

const BAD: readonly (readonly [name: string, history: HistoryChecker, fault: RegExp])[] = [
  ['a change is lost', historyOf([A, B]), /lost: u c/],
  ['a change never got through', historyOf([A, B, { ...C, isAccepted: false }]), /lost: u c/],
  ['a callback is invented', historyOf([A, B, C, { sequence: 4, value: 'd' }]), /u\/4: invented/],
  ['a callback is of another user', historyOf([A, B, C, { userId: 'v', sequence: 1, value: 'a' }]), /v\/1: invented/],
  ['a refused change comes', historyOf([A, B, C], { b: 'refused' }), /u\/2: b was refused/],
  ['a sequence is left out', historyOf([A, { ...B, sequence: 3 }, { ...C, sequence: 4 }]), /sequence 2 is missing/],
  ['two come in the wrong order', historyOf([B, A, C]), /u\/2: came before 1 was accepted/],
  ['one comes before the other got through', historyOf([{ ...A, isAccepted: false }, B, A, C]), /u\/2: came before 1/],
  [
    'the order is not that of the answers',
    historyOf([{ ...B, sequence: 1 }, { ...A, sequence: 2 }, C]),
    /a was acknowledged before b was sent/,
  ],
  ['a change has two sequences', historyOf([A, B, C, { ...C, sequence: 4 }]), /c has sequences 3,4/],
  ['a repeat has another body', historyOf([A, { ...A, atMs: 5 }, B, C]), /u\/1: a repeat differs/],
  ['a repeat has another webhook-id', historyOf([A, { ...A, eventId: 'evt_x' }, B, C]), /u\/1: a repeat differs/],
  ['two have one webhook-id', historyOf([A, { ...B, eventId: 'evt_u_1' }, C]), /evt_u_1 stands for u\/1,u\/2/],
  ['the token is another', historyOf([A, B, { ...C, token: 'x' }]), /u\/3: Sign or parameters/],
  [
    'the secret is another',
    historyOf([A, B, { ...C, signedWith: `whsec_${Buffer.alloc(32, 8).toString('base64')}` }]),
    /u\/3: webhook-signature/,
  ],
  ['the body has other members', historyOf([A, B, { ...C, member: 'Items' }]), /u\/3: POST with/],
];
for (const [name, history, fault] of BAD) {
  test(`is seen: ${name}`, () => {
    assert.throws(() => history.check(), fault);
  });
}

test('final values are those that nothing acknowledged surely followed', () => {
  const checker = new HistoryChecker({ sdkAppId: 1, token: TOKEN, signingSecret: SECRET });
  checker.sent('u', 'lost')('unknown');
  checker.sent('u', 'first')('acknowledged');
  const [left, right] = [checker.sent('u', 'left'), checker.sent('u', 'right')];
  left('acknowledged');
  right('acknowledged');
  checker.sent('u', 'no')('refused');
  checker.sent('u', 'perhaps')('unknown');
  checker.sent('u', 'under way');
  assert.deepEqual(checker.finalValues('u'), ['left', 'right', 'perhaps', 'under way']);
});
