/** `/apps/{sdkAppId}/changes`: every change of a profile in order, in pages or as a stream of server-sent events. */
import { describeValue } from '@portrait/wire';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { FeedQuery } from '../feed/change-feed.ts';
import { FeedError, type FeedErrorKind } from '../feed/feed-error.ts';
import type { FeedChange } from '../feed/read-step.ts';
import type { App } from '../storage/store.ts';
import { findApp } from './apps.ts';
import {
  type ChangeAnswer,
  type ChangeListAnswer,
  type ChangeQuery,
  changeQuery,
  DEFAULT_CHANGES,
} from './change-schemas.ts';
import { sendEventStream } from './event-stream.ts';
import { parseMoment } from './moment.ts';
import type { AdminContext } from './options.ts';
import { Problem } from './problem.ts';
import { type AppParams, appParams, responses } from './shared-schemas.ts';
import { showEvent } from './show-delivery.ts';

const description = 'Changes, oldest first: a page, or with `Accept: text/event-stream` a stream that does not end.';

const listChanges = {
  operationId: 'listChanges',
  tags: ['Changes'],
  summary: 'Read or follow the changes of an app',
  description:
    'Changes of one user come in their order, and none is left out or comes twice. With `Accept: text/event-stream` they come as server-sent events ' +
    '(`id`: cursor, `event`: change, `data`: ChangeEvent as JSON) and go on as they are made; the header `Last-Event-ID` takes the place of `after` and `from`. ' +
    'Every 15 s without a change the stream gives its place in an event without data. 410 says that changes behind the cursor are gone, and where to go on.',
  params: appParams,
  querystring: changeQuery,
  response: {
    ...responses({ status: 200, description, problems: [404, 410, 429] }),
    200: {
      description,
      content: {
        'application/json': { schema: { $ref: 'ChangeList#' } },
        'text/event-stream': { schema: { type: 'string' } },
      },
    },
  },
};

/** Adds the route of this resource. */
export function addChangeRoutes(api: FastifyInstance, context: AdminContext): void {
  const { directory, feed } = context;
  const log = context.log ?? api.log;
  api.get<{ Params: AppParams; Querystring: ChangeQuery }>(
    '/apps/:sdkAppId/changes',
    { schema: listChanges },
    async (request, reply): Promise<ChangeListAnswer | undefined> => {
      const { query } = request;
      const app = findApp(directory, request.params.sdkAppId);
      if (wantsStream(request)) {
        const lastEventId = String(request.headers['last-event-id'] ?? '');
        const stream = await orProblem(
          feed.follow(makeQuery(app, lastEventId ? { ...query, after: lastEventId, from: undefined } : query)),
        );
        reply.hijack();
        void sendEventStream({ stream, response: reply.raw, clock: context.clock, log, sdkAppId: app.sdkAppId });
        return undefined;
      }
      const page = await orProblem(feed.readPage({ ...makeQuery(app, query), limit: query.limit ?? DEFAULT_CHANGES }));
      return { items: page.changes.map(showChange), nextCursor: page.nextCursor, hasMore: page.hasMore };
    },
  );
}

/** Not for HEAD, whose answer has an end. */
function wantsStream({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && /\btext\/event-stream\b/i.test(headers.accept ?? '');
}

function showChange({ event, cursor }: FeedChange): ChangeAnswer {
  return { cursor, ...showEvent(event) };
}

type RawQuery = { readonly [K in keyof ChangeQuery]: ChangeQuery[K] | undefined };

/** @throws Problem 400 if `from` is no moment, or `after` stands beside it */
function makeQuery(app: App, { after, from, userId }: RawQuery): FeedQuery {
  if (from === undefined) return { app, after, userId };
  if (after !== undefined) throw refusal('from', 'expected either after or from');
  const fromMs = parseMoment(from);
  if (fromMs === undefined) {
    throw refusal('from', `expected an ISO 8601 time or Unix milliseconds, got ${describeValue(from)}`);
  }
  return { app, fromMs, userId };
}

function refusal(name: string, detail: string): Problem {
  return Problem.ofFaults(400, [{ in: 'query', pointer: `#/${name}`, detail }]);
}

const STATUSES: Readonly<Record<Exclude<FeedErrorKind, 'foreign'>, number>> = {
  gone: 410,
  'app-full': 429,
  full: 503,
  stopping: 503,
};

async function orProblem<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof FeedError)) throw error;
    const { kind, message, oldestCursor } = error;
    if (kind === 'foreign') throw refusal('after', message);
    const headers: Record<string, string> = kind === 'gone' ? {} : { 'retry-after': '1' };
    throw new Problem(STATUSES[kind], message, { oldestCursor, headers });
  }
}
