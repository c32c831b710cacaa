/** The callbacks that `portrait trigger` sends: such as a server sends, and such as a receiver must refuse. */
import { randomBytes } from 'node:crypto';
import { type CallbackParts, profileBody, type SampleChange, signedParts } from '@portrait/receiver/testing';
import { CALLBACK_PORTRAIT_SET } from '@portrait/wire';

/** What they are sent as. */
export interface Sender {
  readonly url: string;
  readonly sdkAppId: number;
  readonly command: string;
  /** makes `Sign` */
  readonly token: string | undefined;
  /** make `webhook-signature`; without any it is sent as Tencent sends, without the headers of Portrait */
  readonly signingSecrets: readonly string[];
}

const GOOD = {
  'by-administrator': 'a change by an administrator',
  'by-client': 'a change by the user, of several fields',
  'custom-field': 'a change of a custom field',
  command: 'the command',
  repeat: 'the first one again',
} as const;

const FORGED = {
  'other-secrets': 'signed by somebody else',
  unsigned: 'not signed',
  'altered-body': 'its body changed on the way',
  stale: 'ten minutes old',
  'other-app': 'of another SDKAppID',
  empty: 'signed, but says nothing',
} as const;

type SampleName = keyof typeof GOOD | ForgeryName;
export type ForgeryName = keyof typeof FORGED;

interface Common {
  /** for people */
  readonly title: string;
  readonly request: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: string };
}

/** A callback that is to be taken. */
export interface GoodSample extends Common {
  readonly name: keyof typeof GOOD;
}

/** A callback that is to be refused. */
export interface Forgery extends Common {
  readonly name: ForgeryName;
}

const USER = 'portrait-test';
const ADMINISTRATOR = 'administrator';
const STALE_MS = 600_000;

/** Makes callbacks, each with an id and a body of its own, as the receiver might take it for a repeat otherwise. */
export class Samples {
  readonly #sender: Sender;
  readonly #run = randomBytes(6).toString('hex');
  #made = 0;
  #first: CallbackParts | undefined;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /** Those that are to be taken, but for the repeat. */
  async good(nowMs: number): Promise<readonly GoodSample[]> {
    const make = async (name: GoodSample['name'], parts: Partial<CallbackParts>): Promise<GoodSample> => {
      const whole = this.#parts(nowMs, parts);
      this.#first ??= whole;
      return { name, title: titleOf(name), ...(await requestOf(whole)) };
    };
    if (this.#sender.command !== CALLBACK_PORTRAIT_SET) return [await make('command', {})];
    const change = (sample: Omit<SampleChange, 'userId'>): string => this.#profileBody(nowMs, sample);
    const several = { nick: 'Ünïcode 名字 🎉', gender: 'Gender_Type_Female', birthday: 19_900_101 } as const;
    return [
      await make('by-administrator', {
        body: change({ operatorId: ADMINISTRATOR, changed: { nick: 'Portrait test' } }),
      }),
      await make('by-client', { body: change({ changed: several }), platform: 'Web' }),
      await make('custom-field', {
        body: change({ operatorId: ADMINISTRATOR, changed: { custom: { Data: 'portrait trigger' } } }),
      }),
    ];
  }

  /** The first of the good ones again: same id, same body, signed anew. */
  async repeat(nowMs: number): Promise<GoodSample> {
    const parts = { ...(this.#first ?? this.#parts(nowMs)), nowMs, attempt: 2 };
    return { name: 'repeat', title: titleOf('repeat'), ...(await requestOf(parts)) };
  }

  /** Those that are to be refused. What needs a secret that is not given is left out. */
  async forged(nowMs: number): Promise<readonly Forgery[]> {
    const { token, signingSecrets, command, sdkAppId } = this.#sender;
    const isSigned = token !== undefined || signingSecrets.length > 0;
    const others = {
      ...(token !== undefined && { token: randomBytes(16).toString('hex') }),
      signingSecrets: signingSecrets.length > 0 ? [`whsec_${randomBytes(32).toString('base64')}`] : [],
    };
    const plans: readonly (readonly [ForgeryName, boolean, Partial<CallbackParts>, altered?: string])[] = [
      ['other-secrets', isSigned, others],
      ['unsigned', isSigned, { token: undefined, signingSecrets: [], webhookId: undefined }],
      ['altered-body', signingSecrets.length > 0, {}, this.#body(nowMs)],
      ['stale', isSigned, { nowMs: nowMs - STALE_MS }],
      ['other-app', true, { sdkAppId: sdkAppId + 1 }],
      ['empty', command === CALLBACK_PORTRAIT_SET, { body: JSON.stringify({ CallbackCommand: command }) }],
    ];
    const wanted = plans.filter(([, isPossible]) => isPossible);
    return await Promise.all(
      wanted.map(async ([name, , parts, altered]): Promise<Forgery> => {
        const { request } = await requestOf(this.#parts(nowMs, parts));
        return { name, title: titleOf(name), request: altered === undefined ? request : { ...request, body: altered } };
      }),
    );
  }

  /** Sequence 0 is no user's: a receiver that keeps order lets it pass, and can tell it from a real one. */
  #parts(nowMs: number, parts: Partial<CallbackParts> = {}): CallbackParts {
    this.#made += 1;
    const { signingSecrets } = this.#sender;
    const ofPortrait = signingSecrets.length > 0 && {
      webhookId: `evt_${this.#run}${this.#made}`,
      sequence: 0,
      attempt: 1,
    };
    return { ...this.#sender, nowMs, body: this.#body(nowMs), ...ofPortrait, ...parts };
  }

  #body(nowMs: number): string {
    const { command } = this.#sender;
    if (command === CALLBACK_PORTRAIT_SET) {
      return this.#profileBody(nowMs, { operatorId: ADMINISTRATOR, changed: { nick: 'Forged' } });
    }
    return JSON.stringify({ CallbackCommand: command, From_Account: USER, EventTime: nowMs + this.#made });
  }

  #profileBody(nowMs: number, change: Omit<SampleChange, 'userId'>): string {
    return profileBody({ userId: USER, atMs: nowMs + this.#made, ...change });
  }
}

async function requestOf(parts: CallbackParts): Promise<Pick<Common, 'request'>> {
  const { url, headers, body } = await signedParts(parts);
  return { request: { url, headers, body } };
}

function titleOf(name: SampleName): string {
  return { ...GOOD, ...FORGED }[name];
}
