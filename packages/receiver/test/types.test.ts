/** Only has to compile: the shapes that receivers rely on. */
import { test } from 'node:test';
import {
  type CallbackCommand,
  type CallbackEvent,
  type CustomTagName,
  createHandler,
  type ProfileEvent,
  type ProfilePatch,
  profilePatch,
  type RawEvent,
  type RefusalReason,
  verify,
  verifyOrThrow,
} from '@portrait/receiver';

type Same<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false;
const same = <Left, Right>(_: Same<Left, Right>): void => undefined;

const APP = { sdkAppId: 1, token: 't' } as const;

export function eventsAreToldApartByCommand(event: CallbackEvent): void {
  if (event.command === 'Profile.CallbackPortraitSet') {
    same<typeof event, ProfileEvent>(true);
    for (const item of event.items) {
      if (item.tag === 'Tag_Profile_IM_Level') same<typeof item.value, number>(true);
      if (item.tag === 'Tag_Profile_IM_AdminForbidType') {
        same<typeof item.value, 'AdminForbid_Type_None' | 'AdminForbid_Type_SendOut'>(true);
      }
      if (item.tag === 'Tag_Profile_Custom_Data') same<typeof item.value, string>(true);
      // @ts-expect-error no such tag
      if (item.tag === 'Tag_Profile_IM_Avatar') return;
    }
  }
  if (event.command === 'State.StateChange') same<typeof event, RawEvent<'State.StateChange'>>(true);
  // @ts-expect-error no such command
  if (event.command === 'Profile.CallbackPortraitGet') return;
  same<(typeof event)['command'], CallbackCommand>(true);
}

export function handlersHaveTheEventOfTheirCommand(): void {
  createHandler({
    ...APP,
    on: {
      'Profile.CallbackPortraitSet': async (event, context) => {
        same<typeof event, ProfileEvent>(true);
        same<typeof context.sequence, number | undefined>(true);
        same<typeof context.signal, AbortSignal>(true);
        const patch = profilePatch(event);
        same<typeof patch, ProfilePatch>(true);
        same<typeof patch.gender, 'Gender_Type_Unknown' | 'Gender_Type_Female' | 'Gender_Type_Male' | undefined>(true);
      },
      'C2C.CallbackBeforeSendMsg': (event) => {
        same<typeof event, RawEvent<'C2C.CallbackBeforeSendMsg'>>(true);
        return { ErrorCode: 1, ErrorInfo: 'no', MsgBody: [] };
      },
      'State.StateChange': () => Promise.resolve(),
    },
    onUnknown: (event) => same<typeof event, RawEvent>(true),
    onStale: (event) => same<typeof event, ProfileEvent>(true),
    onRejected: ({ reason }) => same<typeof reason, RefusalReason>(true),
  });
  // @ts-expect-error a misspelt command is found before it runs
  createHandler({ ...APP, on: { 'Profile.CallbackPortaitSet': () => undefined } });
  // @ts-expect-error a secret that may be undefined is found before it runs
  createHandler({ sdkAppId: 1, signingSecrets: [process.env.SECRET] });
  // @ts-expect-error no such policy
  createHandler({ ...APP, require: 'any' });
}

export async function resultsTellWhatHappened(): Promise<void> {
  const result = await verify(new Request('http://h/'), APP);
  if (result.ok) same<typeof result.event, CallbackEvent>(true);
  else same<typeof result.reason, RefusalReason>(true);
  const { event } = await verifyOrThrow({ url: '/', headers: { 'webhook-id': ['a'] }, body: '' }, { apps: [APP] });
  same<typeof event, CallbackEvent>(true);
}

test('custom tags are any text behind their prefix', () => {
  const tag: CustomTagName = 'Tag_Profile_Custom_Test1';
  // @ts-expect-error a standard tag
  const wrong: CustomTagName = 'Tag_Profile_IM_Nick';
  return void [tag, wrong];
});
