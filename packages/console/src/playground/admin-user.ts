import { api, take } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import type { PlaygroundUser } from './playground-user.ts';

/** Changes go through the admin API, in the name of the app's administrator. */
export async function loginThroughApi(sdkAppId: number, userId: string): Promise<PlaygroundUser> {
  await ensureUser(sdkAppId, userId);
  return {
    userId,
    async change({ tag }, value) {
      const params = { path: { sdkAppId, userId } };
      await take(api.PATCH('/admin/v1/apps/{sdkAppId}/users/{userId}', { params, body: { fields: { [tag]: value } } }));
    },
    async logout() {},
  };
}

/** One that is there already will do. */
async function ensureUser(sdkAppId: number, userId: string): Promise<void> {
  try {
    await take(api.POST('/admin/v1/apps/{sdkAppId}/users', { params: { path: { sdkAppId } }, body: { userId } }));
  } catch (error) {
    if (!(error instanceof ApiProblem && error.status === 409)) throw error;
  }
}
