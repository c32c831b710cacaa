import type { Log } from '../log.ts';
import type { SessionTransition } from './session.ts';

/** One line for each login, logout and broken connection: debug, since they come with every page that is opened. */
export function logTransition(transition: SessionTransition, log: Log): void {
  if (!log.isLevelEnabled('debug')) return;
  const { kind, session } = transition;
  const { sdkAppId, userId, instId, platform, clientIp } = session;
  const line = { sdkAppId, userId, instId, platform, clientIp };
  if (kind === 'login') log.debug({ ...line, ended: transition.ended.map((one) => one.instId) }, 'session.login');
  else if (kind === 'logout') log.debug(line, 'session.logout');
  else if (kind === 'replaced') log.debug({ ...line, by: transition.by.instId }, 'session.replaced');
  else log.debug({ ...line, cause: transition.cause }, 'session.disconnect');
}
