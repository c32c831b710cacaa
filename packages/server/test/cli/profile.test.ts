import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from './support/server.ts';

test('profiles are set and read by short names', async (context) => {
  const server = await startServer(context);

  assert.deepEqual(await server.run('profile', 'set', 'alice', 'nick=Alice'), {
    code: 1,
    stdout: '',
    stderr: 'There is no account "alice" in app 1400000001; --import makes it first.\n',
  });
  assert.deepEqual(await server.run('profile', 'get', 'alice'), {
    code: 1,
    stdout: '',
    stderr: 'There is no account "alice" in app 1400000001.\n',
  });

  const fields = [
    'nick=A=B',
    'level=3',
    'gender=female',
    'ALLOWTYPE=AllowType_Type_DenyAny',
    'Tag_Profile_Custom_Data=007',
  ];
  assert.equal(
    await server.runWell('profile', 'set', 'alice', ...fields, '--import'),
    'alice: nick = "A=B", level = 3, gender = "Gender_Type_Female", ' +
      'allowType = "AllowType_Type_DenyAny", Tag_Profile_Custom_Data = "007"\n',
  );
  assert.deepEqual(
    await server.runJson('profile', 'set', 'alice', 'Tag_Profile_IM_BirthDay=20190419', 'selfSignature='),
    {
      sdkAppId: 1_400_000_001,
      userId: 'alice',
      fields: { Tag_Profile_IM_BirthDay: 20_190_419, Tag_Profile_IM_SelfSignature: '' },
    },
  );

  assert.deepEqual(await server.runJson('profile', 'get', 'alice'), {
    sdkAppId: 1_400_000_001,
    userId: 'alice',
    fields: {
      Tag_Profile_IM_Nick: 'A=B',
      Tag_Profile_IM_Gender: 'Gender_Type_Female',
      Tag_Profile_IM_BirthDay: 20_190_419,
      Tag_Profile_IM_SelfSignature: '',
      Tag_Profile_IM_AllowType: 'AllowType_Type_DenyAny',
      Tag_Profile_IM_Level: 3,
      Tag_Profile_Custom_Data: '007',
    },
  });
  assert.equal(
    await server.runWell('profile', 'get', 'alice', 'nick', 'role', 'Tag_Profile_Custom_Data'),
    'FIELD                    VALUE\nnick                     A=B\nTag_Profile_Custom_Data  007\n',
  );
  assert.equal(await server.runWell('profile', 'get', 'alice', 'role'), 'alice has set none of these fields.\n');

  const unknown = await server.run('profile', 'set', 'alice', 'Tag_Profile_Custom_Nope=1');
  assert.deepEqual(unknown, {
    code: 1,
    stdout: '',
    stderr: 'Refused with 40009: Tag: the app has no profile field "Tag_Profile_Custom_Nope"\n',
  });
});
