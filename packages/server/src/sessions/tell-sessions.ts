/** What a durable change means to the clients that are online. */
import type { ProfileCommand } from '../storage/store.ts';
import type { SessionRegistry } from './session-registry.ts';

/** Push new values to the user's other sessions; end all of them where his UserSigs were revoked. */
export function tellSessions(sessions: SessionRegistry, command: ProfileCommand): void {
  const { sdkAppId, userId } = command;
  if (command.kind === 'delete' || command.kind === 'revoke') {
    sessions.kickAll(sdkAppId, userId);
    return;
  }
  const { items, origin } = command;
  if (items.length === 0) return;
  for (const { instId, link } of sessions.of(sdkAppId, userId)) {
    // who made the change has it already
    if (instId !== origin.instId) link.pushItems(items);
  }
}
