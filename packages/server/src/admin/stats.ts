/** `/apps/{sdkAppId}/stats`: how it goes, over time. */
import type { FastifyInstance } from 'fastify';
import { findApp } from './apps.ts';
import type { AdminContext } from './options.ts';
import { type AppParams, appParams, responses } from './shared-schemas.ts';
import { DEFAULT_WINDOW, type StatsQuery, statsQuery } from './stats-schemas.ts';

const getStats = {
  operationId: 'getStats',
  tags: ['Stats'],
  summary: 'Show how an app does over time',
  description:
    'One number for each step of the window, the last step being under way. Attempts at the word of a person (redelivery, replay) are not counted. It outlives restarts; a crash loses some seconds. Of all nodes on the same database: what another one counts comes some 2 s later, and is known by the minute.',
  params: appParams,
  querystring: statsQuery,
  response: responses({ status: 200, description: 'The series.', body: 'Stats', problems: [404] }),
};

/** Adds the route. */
export function addStatsRoute(api: FastifyInstance, { directory, stats }: AdminContext): void {
  api.get<{ Params: AppParams; Querystring: StatsQuery }>(
    '/apps/:sdkAppId/stats',
    { schema: getStats },
    async ({ params, query }) => {
      const { sdkAppId } = findApp(directory, params.sdkAppId);
      return await stats.read(sdkAppId, query.window ?? DEFAULT_WINDOW);
    },
  );
}
