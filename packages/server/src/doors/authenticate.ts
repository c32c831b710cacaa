/** Proves who calls. */
import { checkUserSigTime, describeValue, type UserSigDocument, verifyUserSig } from '@portrait/wire';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import type { Directory } from '../directory.ts';
import { ApiError } from '../errors.ts';
import { type IssuedUserSig, isRevoked, refuseRevoked } from '../profile/refuse-revoked.ts';
import type { App, Profile, Store } from '../storage/store.ts';
import { type A2Claims, verifyA2 } from './a2.ts';
import type { A2Credentials, Caller, Credentials, UserSigCredentials } from './request.ts';

/** A UserSig lives for days and comes with every call: about 1 kB each is remembered to save inflating and the HMAC. */
const MAX_REMEMBERED_SIGS = 10_000;

interface Remembered {
  readonly document: UserSigDocument;
  readonly secretKey: string;
}

/** What a UserSig proved. */
export interface ProvenUserSig {
  readonly app: App;
  readonly document: UserSigDocument;
}

/** What an a2 proved. */
export interface ProvenA2 {
  readonly app: App;
  readonly claims: A2Claims;
}

/** Checks UserSigs and a2 against the apps' keys. */
export class Authenticator {
  readonly #directory: Directory;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #remembered = new LRUCache<string, Remembered>({ max: MAX_REMEMBERED_SIGS });
  /** records of users who came with something that was revoked: they need no read to be refused again */
  readonly #revoked = new LRUCache<string, Pick<Profile, 'revokedAtMs'>>({ max: MAX_REMEMBERED_SIGS });

  constructor(options: { readonly directory: Directory; readonly store: Store; readonly clock: Clock }) {
    this.#directory = options.directory;
    this.#store = options.store;
    this.#clock = options.clock;
  }

  /**
   * Who calls. Whether a kick revoked what he shows is the store's to say: here, or, for a change, together with it.
   *
   * @throws ApiError as {@link checkUserSig} and {@link checkA2}; 70001 if it is known already that it was revoked
   */
  async identify(credentials: Credentials): Promise<Caller> {
    if (credentials.kind === 'a2') {
      const { app, claims } = this.checkA2(credentials);
      return { ...this.#callerOf(app, claims), instId: claims.instId };
    }
    const { app, document } = await this.checkUserSig(credentials);
    return this.#callerOf(app, document);
  }

  /** @throws ApiError as {@link identify}; 70001 if a kick revoked it */
  async authenticate(credentials: Credentials): Promise<Caller> {
    const caller = await this.identify(credentials);
    await this.refuseRevoked(caller);
    return caller;
  }

  /** @throws ApiError 70001 if a kick revoked what he showed */
  async refuseRevoked({ app: { sdkAppId }, userId, issuedAtSeconds }: Caller): Promise<void> {
    const [profile] = await this.#store.getProfiles(sdkAppId, [userId]);
    if (!profile || !isRevoked(profile, { issuedAtSeconds })) return;
    this.#revoked.set(revokedKey(sdkAppId, userId), { revokedAtMs: profile.revokedAtMs });
    refuseRevoked(profile, { userId, issuedAtSeconds });
  }

  /**
   * Check in this order: sdkappid there (60012) and a number (60025), app known (70020), identifier and usersig there (60025),
   * UserSig (70003, 70014, 70013, 70001, 70009).
   *
   * @throws ApiError with one of these codes
   */
  async checkUserSig(credentials: Omit<UserSigCredentials, 'kind'>): Promise<ProvenUserSig> {
    const app = this.#appOf(credentials.sdkAppId);
    const userId = parameter('identifier', credentials.identifier);
    const userSig = parameter('usersig', credentials.userSig);
    return { app, document: await this.#verified(app, userId, userSig) };
  }

  /**
   * Check an a2: of this app, signed with its key, not expired.
   *
   * @throws ApiError 70001 whatever is wrong with it: that makes the client ask its app for a new UserSig
   */
  checkA2({ sdkAppId, a2 }: Omit<A2Credentials, 'kind'>): ProvenA2 {
    const app = this.#directory.app(sdkAppId);
    const claims = app && verifyA2(a2, app.secretKey);
    if (!app || claims?.sdkAppId !== sdkAppId) throw new ApiError(70001, 'a2: not known here, log in again');
    if (this.#clock.now() / 1_000 >= claims.expiresAtSeconds + 1) {
      throw new ApiError(70001, `a2: the UserSig of this login expired at Unix second ${claims.expiresAtSeconds}`);
    }
    return { app, claims };
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

  #callerOf(app: App, { userId, issuedAtSeconds }: IssuedUserSig): Caller {
    // what was revoked stays revoked
    refuseRevoked(this.#revoked.get(revokedKey(app.sdkAppId, userId)), { userId, issuedAtSeconds });
    return { app, userId, issuedAtSeconds, isAdministrator: app.administrators.includes(userId) };
  }
}

function revokedKey(sdkAppId: number, userId: string): string {
  return `${sdkAppId}:${userId}`;
}

function parameter(name: string, raw: unknown): string {
  if (raw === undefined) throw new ApiError(60025, `${name}: the parameter is missing`);
  if (Array.isArray(raw)) throw new ApiError(60025, `${name}: the parameter stands in the URL more than once`);
  if (typeof raw !== 'string') throw new ApiError(60025, `${name}: expected a string, got ${describeValue(raw)}`);
  return raw;
}
