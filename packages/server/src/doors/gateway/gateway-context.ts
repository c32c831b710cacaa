/** What the frames of clients work with. */
import type { ServeConfig } from '../../config.ts';
import type { Directory } from '../../directory.ts';
import type { NodeSessions } from '../../sessions/node-sessions.ts';
import type { SessionRegistry } from '../../sessions/session-registry.ts';
import type { HandleContext } from '../handle.ts';
import type { LoginLimits } from './login-limits.ts';

/** What clients are held to. */
export type ClientLimits = Pick<
  ServeConfig,
  'clientHelloIntervalMs' | 'clientIdleTimeoutMs' | 'clientLoginTimeoutMs' | 'maxClientsPerAddress' | 'maxClientsPerApp'
>;

/** A call's context, and what clients need beyond it. */
export interface GatewayContext extends HandleContext {
  readonly directory: Directory;
  /** sessions of this process */
  readonly sessions: SessionRegistry;
  /** where logins ask for their place, if other nodes have sessions too */
  readonly nodeSessions: NodeSessions | undefined;
  readonly clientLimits: ClientLimits;
  readonly loginLimits: LoginLimits;
}
