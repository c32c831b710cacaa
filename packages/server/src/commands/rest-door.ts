/** Calls of Tencent Chat's REST API, as an administrator of an app. */
import { randomInt } from 'node:crypto';
import { isRawObject, signUserSig } from '@portrait/wire';
import type { AppAnswer } from '../admin/app-schemas.ts';
import { systemClock } from '../clock.ts';
import type { AdminClient } from './client.ts';
import { Failure } from './failure.ts';

/** Answer of a command; `ErrorCode` 0 is success. */
export interface RestReply {
  readonly ErrorCode: number;
  readonly ErrorInfo: string;
  readonly UserProfileItem?: readonly {
    readonly To_Account: string;
    readonly ProfileItem?: readonly { readonly Tag: string; readonly Value: string | number }[];
    readonly ResultCode: number;
    readonly ResultInfo: string;
  }[];
}

/** The code that says that there is no such account. */
export const NO_ACCOUNT = 40003;

/** @returns calls a command such as `profile/portrait_get`; throws Failure only if nothing readable comes back */
export async function openRestDoor(
  client: AdminClient,
  app: AppAnswer & { readonly secretKey: string },
): Promise<(command: string, body: object) => Promise<RestReply>> {
  const userId = app.administrators[0];
  if (userId === undefined) {
    throw new Failure(
      `The app ${app.sdkAppId} has no administrator; name one with: portrait app update --administrator …`,
    );
  }
  const { sdkAppId, secretKey } = app;
  const nowSeconds = Math.floor(systemClock.now() / 1000);
  const usersig = await signUserSig({ sdkAppId, userId, secretKey, nowSeconds, expireSeconds: 86_400 });
  return async (command, body) => {
    const random = String(randomInt(2 ** 32));
    const query = { sdkappid: String(sdkAppId), identifier: userId, usersig, random, contenttype: 'json' };
    const reply = await client.rest(command, new URLSearchParams(query), body);
    if (isRawObject(reply) && typeof reply.ErrorCode === 'number') return reply as unknown as RestReply;
    throw new Failure(`${client.server} gave no readable answer to ${command}.`);
  };
}

/** @throws Failure the reply says that the command was refused */
export function checkReply({ ErrorCode: code, ErrorInfo: info }: RestReply): void {
  if (code !== 0) throw new Failure(`Refused with ${code}: ${info}`);
}
