import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Profile } from '../store.ts';
import { KnownProfiles } from './known-profiles.ts';

function profile(value = ''): Profile {
  const [fields, version] = [{ Tag_Profile_IM_SelfSignature: value }, 1];
  const times = { revokedAtMs: 0, createdAtMs: 0, updatedAtMs: 0 };
  return { sdkAppId: 1_400_000_001, userId: 'ann', version, fields, isDeleted: false, lastSeq: 1, ...times };
}

test('after a wrong belief a dozen batches have to be right before the next one is believed', () => {
  const known = new KnownProfiles();
  const ann = new Map([['ann', { profile: profile(), revision: 1 }]]);
  known.compare(ann);
  assert.equal(known.isTrusted, true);
  known.wasWrong([]);
  let batches = 0;
  for (; !known.isTrusted; batches += 1) {
    known.compare(new Map([[`new${batches}`, { profile: profile(), revision: 1 }]])); // says nothing: nobody knew him
    known.compare(ann);
  }
  assert.equal(batches, 12);
});

test('what is read otherwise than it was known counts as wrong, and replaces it', () => {
  const known = new KnownProfiles();
  known.set('ann', { profile: profile('old'), revision: 1 });
  const [newer, newest] = [2, 3].map((revision) => ({ profile: profile('new'), revision }));
  assert.ok(newer && newest);
  known.compare(new Map([['ann', newer]]));
  assert.equal(known.isTrusted, true, 'one in ten may be wrong');
  known.compare(new Map([['ann', newest]]));
  assert.deepEqual([known.isTrusted, known.get('ann')], [false, newest]);
});

test('who was known wrongly is not known any more', () => {
  const known = new KnownProfiles();
  for (const user of ['ann', 'bob']) known.set(user, { profile: profile(), revision: 7 });
  known.wasWrong(['ann']);
  assert.deepEqual([known.get('ann'), known.get('bob')?.revision], [undefined, 7]);
});

test('its size has an end: long values drive out others', () => {
  const known = new KnownProfiles();
  for (let user = 0; user < 1_000; user += 1)
    known.set(`user${user}`, { profile: profile('x'.repeat(20_000)), revision: 1 });
  const left = Array.from({ length: 1_000 }, (_, user) => known.get(`user${user}`)).filter(Boolean).length;
  assert.ok(left > 300 && left < 400, String(left));
});
