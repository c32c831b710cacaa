/** `/apps/{sdkAppId}/replay` and `/replays`: many callbacks once more. */
import { describeValue } from '@portrait/wire';
import type { FastifyInstance } from 'fastify';
import type { Replay, ReplayQuery } from '../storage/replay-store.ts';
import type { Endpoint } from '../storage/store.ts';
import { findApp } from './apps.ts';
import { DEFAULT_LIMIT, listAnswer, parseCursor } from './cursor.ts';
import { parseMoment } from './moment.ts';
import type { AdminContext } from './options.ts';
import { Problem } from './problem.ts';
import { resendOf } from './redeliver.ts';
import {
  DEFAULT_REPLAY_RATE,
  type ReplayAnswer,
  type ReplayCreate,
  type ReplayParams,
  replayCreate,
  replayListQuery,
  replayParams,
} from './replay-schemas.ts';
import { type AppParams, appParams, emptyQuery, type PageQuery, responses } from './shared-schemas.ts';
import { showPreview, showReplay } from './show-replay.ts';

const replayDeliveries = {
  operationId: 'replayDeliveries',
  tags: ['Replays'],
  summary: 'Send deliveries of a time again',
  description:
    'Makes a job that sends, in order per user, what the endpoint has settled: delivered, dead, and skipped as far as it wants their commands now. What is still to come by itself is left out. The job lasts through restarts; live callbacks do not wait for it. With `dryRun` it only counts.',
  params: appParams,
  querystring: emptyQuery,
  body: replayCreate,
  response: {
    ...responses({ status: 200, description: 'What a dry run counted.', body: 'ReplayPreview' }),
    ...responses({ status: 202, description: 'The job.', body: 'Replay', problems: [404, 409, 413, 415] }),
  },
};

const listReplays = {
  operationId: 'listReplays',
  tags: ['Replays'],
  summary: 'List replays of an app',
  description: 'Newest first. Of those that have ended the last 100 are kept.',
  params: appParams,
  querystring: replayListQuery,
  response: responses({ status: 200, description: 'A page of replays.', body: 'ReplayList', problems: [404] }),
};

const getReplay = {
  operationId: 'getReplay',
  tags: ['Replays'],
  summary: 'Show a replay',
  params: replayParams,
  querystring: emptyQuery,
  response: responses({ status: 200, description: 'The replay.', body: 'Replay', problems: [404] }),
};

const cancelReplay = {
  operationId: 'cancelReplay',
  tags: ['Replays'],
  summary: 'Cancel a replay',
  description: 'Nothing more is started; callbacks that are under way come to their end. Takes no body.',
  params: replayParams,
  querystring: emptyQuery,
  response: responses({ status: 200, description: 'The replay.', body: 'Replay', problems: [404, 409] }),
};

/** Adds the routes of this resource. */
export function addReplayRoutes(api: FastifyInstance, context: AdminContext): void {
  const { directory, store, clock } = context;
  const show = (replay: Replay): ReplayAnswer => showReplay(replay, context.resend?.obstacleOf(replay.jobId));

  api.post<{ Params: AppParams; Body: ReplayCreate }>(
    '/apps/:sdkAppId/replay',
    { schema: replayDeliveries },
    async ({ params, body }, reply) => {
      const { sdkAppId } = findApp(directory, params.sdkAppId);
      const endpoint = directory.endpoint(body.endpointId);
      if (endpoint?.sdkAppId !== sdkAppId) {
        refuse('endpointId', `there is no endpoint ${describeValue(body.endpointId)} of app ${sdkAppId}`);
      }
      const query = makeQuery(endpoint, body, clock.now());
      const resend = resendOf(context);
      if (body.dryRun) return showPreview(query, await resend.count(query, endpoint));
      const replay = await resend.create(query, endpoint);
      if (!replay) {
        throw new Problem(409, `app ${sdkAppId} has 20 replays that have not ended: cancel one, or wait for its end`);
      }
      const location = `${api.prefix}/apps/${sdkAppId}/replays/${replay.jobId}`;
      return reply.code(202).header('location', location).send(show(replay));
    },
  );

  api.get<{ Params: AppParams; Querystring: PageQuery }>(
    '/apps/:sdkAppId/replays',
    { schema: listReplays },
    async ({ params, query }) => {
      const { sdkAppId } = findApp(directory, params.sdkAppId);
      const { limit = DEFAULT_LIMIT } = query;
      const cursor = parseCursor('replays', query.cursor);
      const page = await store.listReplays({ sdkAppId, limit, ...(cursor !== undefined && { cursor }) });
      return listAnswer('replays', page, show);
    },
  );

  api.get<{ Params: ReplayParams }>('/apps/:sdkAppId/replays/:jobId', { schema: getReplay }, async ({ params }) =>
    show(await findReplay(context, params)),
  );

  api.post<{ Params: ReplayParams }>(
    '/apps/:sdkAppId/replays/:jobId/cancel',
    { schema: cancelReplay },
    async ({ params }) => {
      const { jobId, state } = await findReplay(context, params);
      const isCancelled = await resendOf(context).cancel(jobId);
      if (!isCancelled) throw new Problem(409, `the replay ${jobId} has ended: ${state}`);
      return show(await findReplay(context, params));
    },
  );
}

async function findReplay({ directory, store }: AdminContext, params: ReplayParams): Promise<Replay> {
  const { sdkAppId } = findApp(directory, params.sdkAppId);
  const replay = await store.getReplay(params.jobId);
  if (replay?.sdkAppId !== sdkAppId) throw Problem.notFound(`replay ${params.jobId} of app ${sdkAppId}`);
  return replay;
}

/** @throws Problem 400 if a bound is no moment */
function makeQuery({ sdkAppId, endpointId, ...endpoint }: Endpoint, body: ReplayCreate, nowMs: number): ReplayQuery {
  const { userId, state, ratePerSecond } = body;
  const fromMs = readBound('from', body.from);
  const toMs = body.to === undefined ? nowMs : readBound('to', body.to);
  if (fromMs > toMs) refuse('from', `expected a moment before ${body.to === undefined ? 'now' : 'the one of to'}`);
  return {
    sdkAppId,
    endpointId,
    fromMs,
    toMs,
    ...(userId !== undefined && { userId }),
    ...(state !== undefined && { deliveryState: state }),
    ratePerSecond: ratePerSecond ?? Math.min(DEFAULT_REPLAY_RATE, endpoint.ratePerSecond || DEFAULT_REPLAY_RATE),
  };
}

function readBound(name: 'from' | 'to', raw: string): number {
  return parseMoment(raw) ?? refuse(name, `expected an ISO 8601 time or Unix milliseconds, got ${describeValue(raw)}`);
}

function refuse(name: string, detail: string): never {
  throw Problem.ofFaults(400, [{ in: 'body', pointer: `#/${name}`, detail }]);
}
