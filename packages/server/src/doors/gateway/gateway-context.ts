/** What the frames of clients work with. */
import type { ServeConfig } from '../../config.ts';
import type { Directory } from '../../directory.ts';
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
  readonly clientLimits: ClientLimits;
  readonly loginLimits: LoginLimits;
}
