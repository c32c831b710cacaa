/** Changes whose fate is written down. */
import type { HistoryChecker } from './history-checker.ts';
import { nick, type TestApp } from './test-app.ts';

/** What the caller learned: `unknown` = no answer, or one that says neither yes nor no. */
export type SetOutcome = 'acknowledged' | 'refused' | 'unknown';

/** Set the nickname to a value that no other change has, and tell the checker what came of it. Never throws. */
export async function recordedSet(
  app: TestApp,
  checker: HistoryChecker,
  change: { readonly userId: string; readonly value: string },
): Promise<SetOutcome> {
  const { userId, value } = change;
  const tell = checker.sent(userId, value);
  const outcome = await send(app, userId, value);
  tell(outcome);
  return outcome;
}

async function send(app: TestApp, userId: string, value: string): Promise<SetOutcome> {
  try {
    const { status, reply } = await app.call('profile/portrait_set', {
      From_Account: userId,
      ProfileItem: nick(value),
    });
    if (status === 200 && reply.ErrorCode === 0) return 'acknowledged';
    // 503: the server was closing and did not look at it; 40006 may mean that the store itself doesn't know
    const isRefused = status === 503 || reply.ErrorCode !== 40006 || reply.ErrorInfo.includes('nothing was written');
    return isRefused ? 'refused' : 'unknown';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'refused' : 'unknown';
  }
}
