import type { AdminClient } from '../client.ts';

/** @returns path of a replay of the app that is meant */
export function replayPath(client: AdminClient, jobId: string, rest = ''): Promise<string> {
  return client.appPath(`/replays/${encodeURIComponent(jobId)}${rest}`);
}
