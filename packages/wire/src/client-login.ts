/** The reply that logs a client in. */
import { formatOk, type Reply } from './reply.ts';

/** What a client is told when it is logged in. */
export interface LoginReply {
  /** Comes with each later frame; at a re-login the client keeps the old one whatever is said here. */
  readonly a2: string;
  /** Decimal number of the user, at most 64 bits. */
  readonly tinyId: string;
  /** Number of the session; not 0, or the client ignores some kicks. */
  readonly instId: number;
  /** Seconds between `wshello` of an idle client, which is also when it tries again after a failed reconnect. */
  readonly helloIntervalSeconds: number;
  /** Unix seconds of the server. */
  readonly nowSeconds: number;
}

/** Answer of `im_open_status.wslogin`. Without `A2Key` or `TinyId` the SDK's login fails with 2023 or 2022. */
export function formatLoginReply(login: LoginReply): Reply {
  return formatOk({
    A2Key: login.a2,
    TinyId: login.tinyId,
    InstId: login.instId,
    HelloInterval: login.helloIntervalSeconds,
    TimeStamp: Math.floor(login.nowSeconds),
  });
}
