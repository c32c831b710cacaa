/** Who is online, for those who ask: wherever the clients are connected. */
import type { SessionRecord } from '../storage/session-store.ts';
import type { SessionRegistry } from './session-registry.ts';

/** Sessions of all nodes. */
export interface OnlineSessions {
  /** Of each of the users, oldest login first. @throws StoreError */
  of(sdkAppId: number, userIds: readonly string[]): Promise<readonly (readonly SessionRecord[])[]>;
}

/** Where one process has all of them. */
export function onlineIn(sessions: SessionRegistry): OnlineSessions {
  return { of: async (sdkAppId, userIds) => userIds.map((userId) => sessions.of(sdkAppId, userId)) };
}
