/** The official Web SDK in this page, from where the operator serves it. */
import { api, take } from '../api/client.ts';
import type { PlaygroundUser } from './playground-user.ts';

interface Chat {
  login(options: { readonly userID: string; readonly userSig: string }): Promise<unknown>;
  logout(): Promise<unknown>;
  destroy?(): Promise<unknown>;
  updateMyProfile(options: Readonly<Record<string, string>>): Promise<unknown>;
  setLogLevel(level: number): void;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
}

interface Sdk {
  readonly EVENT: Readonly<Record<string, string>>;
  create(options: { readonly SDKAppID: number; readonly proxyServer: string }): Chat;
}

/** Only errors. */
const QUIET = 4;

/** @throws Error if the script can't be loaded, or is none of the two packages */
export async function loginWithSdk(options: {
  readonly sdkAppId: number;
  readonly userId: string;
  readonly webSdkUrl: string;
}): Promise<PlaygroundUser> {
  const { sdkAppId, userId, webSdkUrl } = options;
  const sdk = await loadSdk(webSdkUrl);
  const { userSig } = await take(
    api.POST('/admin/v1/apps/{sdkAppId}/usersig', {
      params: { path: { sdkAppId } },
      body: { userId, expireSeconds: 3_600 },
    }),
  );
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const chat = sdk.create({ SDKAppID: sdkAppId, proxyServer: `${scheme}://${location.host}` });
  chat.setLogLevel(QUIET);
  const ready = isReady(chat, sdk);
  await chat.login({ userID: userId, userSig });
  await ready;
  return {
    userId,
    async change({ option }, value) {
      await chat.updateMyProfile({ [option]: value });
    },
    async logout() {
      await chat.logout();
      await chat.destroy?.();
    },
  };
}

function isReady(chat: Chat, { EVENT }: Sdk): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      chat.off(EVENT.SDK_READY ?? '', done);
      resolve();
    };
    chat.on(EVENT.SDK_READY ?? '', done);
  });
}

function loadSdk(url: string): Promise<Sdk> {
  const globals = globalThis as unknown as { readonly TencentCloudChat?: Sdk; readonly TIM?: Sdk };
  const known = globals.TencentCloudChat ?? globals.TIM;
  if (known) return Promise.resolve(known);
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = url;
    script.onload = () => {
      const sdk = globals.TencentCloudChat ?? globals.TIM;
      if (sdk) resolve(sdk);
      else reject(new Error(url));
    };
    script.onerror = () => reject(new Error(url));
    document.head.append(script);
  });
}
