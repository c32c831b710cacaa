/** Parameters of the URL, and UserSigs. */
import type { TestApp } from '../../support/live/test-app.ts';
import { packUserSig, userSigIssuedAt, userSigOf } from '../../support/live/user-sig.ts';
import { type BadCall, query } from './bad-call.ts';

export const QUERIES: readonly BadCall[] = [
  { name: 'sdkappid missing', ...query({ sdkappid: undefined }), code: 60012, info: ['sdkappid'] },
  { name: 'sdkappid empty', ...query({ sdkappid: '' }), code: 60012, info: ['sdkappid'] },
  {
    name: 'sdkappid in another case',
    ...query({ sdkappid: undefined, SdkAppId: '1400000001' }),
    code: 60012,
    info: ['sdkappid'],
  },
  ...['x', '-1', '1.5', '0x10', '01', '99999999999', '1e9', ' 1', '１'].map((sdkappid) => ({
    name: `sdkappid ${sdkappid}`,
    ...query({ sdkappid }),
    code: 60025,
    info: ['sdkappid'],
  })),
  { name: 'sdkappid of no app', ...query({ sdkappid: '4294967295' }), code: 70020, info: ['sdkappid', '4294967295'] },
  { name: 'identifier missing', ...query({ identifier: undefined }), code: 60025, info: ['identifier'] },
  { name: 'identifier empty', ...query({ identifier: '' }), code: 70013, info: ['usersig', 'UserID'] },
  {
    name: 'identifier twice',
    ...query({ identifier: ['administrator', 'administrator'] }),
    code: 60025,
    info: ['identifier', 'more than once'],
  },
  { name: 'usersig missing', ...query({ usersig: undefined }), code: 60025, info: ['usersig'] },
  { name: 'contenttype xml', ...query({ contenttype: 'xml' }), code: 60025, info: ['contenttype', 'json'] },
  {
    name: 'contenttype twice',
    ...query({ contenttype: ['json', 'json'] }),
    code: 60025,
    info: ['contenttype', 'json'],
  },
  {
    name: 'sdkappid twice',
    overrides: (app) => ({ query: { sdkappid: [String(app.sdkAppId), String(app.sdkAppId)] } }),
    code: 60025,
    info: ['sdkappid'],
  },
  {
    name: 'usersig twice',
    overrides: (app) => ({ query: { usersig: [app.caller().userSig, app.caller().userSig] } }),
    code: 60025,
    info: ['usersig', 'more than once'],
  },
];

const NOW = (): number => Math.floor(Date.now() / 1_000);

export const USER_SIGS: readonly (Omit<BadCall, 'overrides'> & { readonly sig: (app: TestApp) => string })[] = [
  { name: 'empty', sig: () => '', code: 70003, info: ['usersig', 'empty'] },
  { name: 'cut', sig: (app) => userSigOf(app, 'administrator').slice(0, 40), code: 70003, info: ['usersig'] },
  {
    name: 'cut by four characters',
    sig: (app) => userSigOf(app, 'administrator').slice(0, -4),
    code: 70003,
    info: ['usersig'],
  },
  {
    name: 'in the wrong alphabet',
    sig: (app) => `${userSigOf(app, 'administrator')}%`,
    code: 70003,
    info: ['usersig'],
  },
  { name: 'of 5,000 characters', sig: () => 'e'.repeat(5_000), code: 70003, info: ['usersig', '4096', '5000'] },
  { name: 'a zip bomb', sig: () => packUserSig(Buffer.alloc(2_500_000)), code: 70003, info: ['usersig', '8192'] },
  { name: 'no JSON inside', sig: () => packUserSig('hello'), code: 70003, info: ['usersig', 'JSON'] },
  {
    name: 'deep JSON inside',
    sig: () => packUserSig('['.repeat(4_000) + ']'.repeat(4_000)),
    code: 70003,
    info: ['usersig'],
  },
  {
    name: 'members missing',
    sig: () => packUserSig('{"TLS.ver":"2.0"}'),
    code: 70003,
    info: ['usersig', 'TLS.identifier'],
  },
  {
    name: 'expired',
    sig: (app) => userSigIssuedAt(app, 'administrator', NOW() - 100, 50),
    code: 70001,
    info: ['usersig', 'expired'],
  },
  {
    name: 'not yet valid',
    sig: (app) => userSigIssuedAt(app, 'administrator', NOW() + 3_600),
    code: 70003,
    info: ['usersig', 'in the future'],
  },
  {
    name: 'without a life',
    sig: (app) => userSigIssuedAt(app, 'administrator', NOW() + 5, 0),
    code: 70003,
    info: ['usersig', '0 s'],
  },
  {
    name: 'made for ever',
    sig: (app) => userSigIssuedAt(app, 'administrator', NOW(), 9e9),
    code: 70003,
    info: ['usersig', '50 years'],
  },
  {
    name: "of another app's key",
    sig: (app) => userSigOf({ ...app, sdkAppId: app.sdkAppId, secretKey: 'other' }, 'administrator'),
    code: 70009,
    info: ['usersig', 'secret key'],
  },
  {
    name: 'of another app',
    sig: (app) => userSigOf({ sdkAppId: app.sdkAppId + 1, secretKey: app.secretKey }, 'administrator'),
    code: 70014,
    info: ['usersig', 'SDKAppID'],
  },
  { name: 'of another user', sig: (app) => userSigOf(app, 'id1'), code: 70013, info: ['usersig', 'UserID'] },
];
