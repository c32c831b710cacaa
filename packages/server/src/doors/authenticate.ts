/** Proves who calls. */
import { checkUserSigTime, type UserSigDocument, verifyUserSig } from '@portrait/wire';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import type { Directory } from '../directory.ts';
import { ApiError } from '../errors.ts';
import type { App, Store } from '../storage/store.ts';
import type { Caller, Credentials } from './request.ts';

/** A UserSig lives for days and comes with every call: about 1 kB each is remembered to save inflating and the HMAC. */
const MAX_REMEMBERED_SIGS = 10_000;

interface Remembered {
  readonly document: UserSigDocument;
  readonly secretKey: string;
}

/** Checks UserSigs against the apps' keys. */
export class Authenticator {
  readonly #directory: Directory;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #remembered = new LRUCache<string, Remembered>({ max: MAX_REMEMBERED_SIGS });

  constructor(options: { readonly directory: Directory; readonly store: Store; readonly clock: Clock }) {
    this.#directory = options.directory;
    this.#store = options.store;
    this.#clock = options.clock;
  }

  /**
   * Check in this order: sdkappid there (60012) and a number (60025), identifier and usersig there (60025), app known (70020),
   * UserSig (70003, 70014, 70013, 70001, 70009), not revoked by a kick (70001).
   *
   * @throws ApiError with one of these codes
   */
  async authenticate(credentials: Credentials): Promise<Caller> {
    const app = this.#appOf(credentials.sdkAppId);
    const userId = parameter('identifier', credentials.identifier);
    const userSig = parameter('usersig', credentials.userSig);
    const document = await this.#verified(app, userId, userSig);
    await this.#refuseRevoked(app, document);
    return { app, userId, isAdministrator: app.administrators.includes(userId) };
  }

  #appOf(raw: unknown): App {
    if (raw === undefined || raw === '') throw new ApiError(60012, 'sdkappid: the parameter is missing');
    if (typeof raw !== 'string' || !/^[1-9]\d{0,9}$/.test(raw)) {
      throw new ApiError(60025, 'sdkappid: expected one decimal number, the SDKAppID');
    }
    const app = this.#directory.app(Number(raw));
    if (!app) throw new ApiError(70020, `sdkappid: there is no app ${raw}`);
    return app;
  }

  async #verified(app: App, userId: string, userSig: string): Promise<UserSigDocument> {
    const nowSeconds = Math.floor(this.#clock.now() / 1_000);
    const { sdkAppId, secretKey } = app;
    const known = this.#remembered.get(userSig);
    if (known?.secretKey === secretKey && known.document.userId === userId && known.document.sdkAppId === sdkAppId) {
      const fault = checkUserSigTime(known.document, nowSeconds);
      if (fault) throw ApiError.fromFault(fault);
      return known.document;
    }
    const verified = await verifyUserSig(userSig, { sdkAppId, userId, secretKey, nowSeconds });
    if (!verified.ok) throw ApiError.fromFault(verified.fault);
    this.#remembered.set(userSig, { document: verified.value, secretKey });
    return verified.value;
  }

  /** UserSigs count seconds: one of the very second of the kick is taken for an older one. */
  async #refuseRevoked({ sdkAppId }: App, { userId, issuedAtSeconds }: UserSigDocument): Promise<void> {
    const [profile] = await this.#store.getProfiles(sdkAppId, [userId]);
    if (profile && profile.revokedAtMs > 0 && issuedAtSeconds <= Math.floor(profile.revokedAtMs / 1_000)) {
      throw new ApiError(
        70001,
        `usersig: all UserSigs of "${userId}" up to ${new Date(profile.revokedAtMs).toISOString()} were revoked`,
      );
    }
  }
}

function parameter(name: string, raw: unknown): string {
  if (raw === undefined) throw new ApiError(60025, `${name}: the parameter is missing`);
  if (typeof raw !== 'string') throw new ApiError(60025, `${name}: the parameter stands in the URL more than once`);
  return raw;
}
