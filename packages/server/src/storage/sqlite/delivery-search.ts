/** Where the deliveries of a query can be: the cheapest source of seqs for each of its conditions. */
import type { DeliveryQuery, DeliveryState } from '../store.ts';
import type { Reader } from './delivery-rows.ts';
import type { SearchRows } from './search-rows.ts';
import {
  type Budget,
  indexSource,
  intersectSource,
  rangeSource,
  type SeqSource,
  unionSource,
  windowSource,
} from './seq-source.ts';
import type { UserChain } from './user-chain.ts';

/** Seqs that one look for delivered ones takes in. */
const DELIVERED_WINDOW = 256;
const PARKED_STATES: readonly DeliveryState[] = ['retrying', 'waiting', 'held'];

/** What a search goes by. */
export interface SearchContext {
  readonly rows: SearchRows;
  readonly query: DeliveryQuery;
  /** lowest and highest seq to look at */
  readonly low: number;
  readonly high: number;
  /** of the query's user, if it names one */
  readonly chain: UserChain;
}

/** Seqs of one reader whose deliveries may fit, none that fits left out: each still has to be looked at. */
export function candidates(reader: Reader, context: SearchContext, budget: Budget): SeqSource {
  const { query, rows, chain } = context;
  const { userId, states, reason } = query;
  const { endpointNo } = reader;
  const parts: SeqSource[] = [];
  if (userId !== undefined && states?.every((state) => PARKED_STATES.includes(state))) {
    parts.push(indexSource((top, limit) => rows.parkedOf(endpointNo, userId, { top, limit }), budget));
  } else {
    if (userId !== undefined) parts.push(chain.source(budget));
    // a user's deliveries that arrived are among all others: following his chain is the shorter way
    const isIndexed = userId === undefined || !states?.includes('delivered');
    if (states && isIndexed)
      parts.push(unionSource(states.map((state) => sourceOf(state, reader, { ...context, budget }))));
  }
  if (reason !== undefined) {
    parts.push(indexSource((top, limit) => rows.failed(endpointNo, reason, { top, limit }), budget));
  }
  if (parts.length === 0) return wholeLog(context);
  return parts.reduce((a, b) => intersectSource(a, b, budget));
}

/** The same of a change that has no endpoint to go to. */
export function candidatesWithoutEndpoint(context: SearchContext, budget: Budget): SeqSource {
  const { states, reason, userId } = context.query;
  if (reason !== undefined || (states && !states.includes('skipped'))) return rangeSource(1, 0);
  return userId === undefined ? wholeLog(context) : context.chain.source(budget);
}

function wholeLog({ low, high }: SearchContext): SeqSource {
  return rangeSource(low, high);
}

function sourceOf(
  state: DeliveryState,
  reader: Reader,
  context: SearchContext & { readonly budget: Budget },
): SeqSource {
  const { endpointNo, cursor } = reader;
  const { rows, budget, low, high } = context;
  switch (state) {
    case 'pending':
      return rangeSource(Math.max(low, cursor.seq + 1), high, new Set(cursor.doneAhead));
    case 'retrying':
      return indexSource((top, limit) => rows.retrying(endpointNo, top, limit), budget);
    case 'held':
      return indexSource((top, limit) => rows.held(endpointNo, top, limit), budget);
    case 'waiting':
      return indexSource((top, limit) => rows.waiting(endpointNo, top, limit), budget);
    case 'dead':
      return indexSource((top, limit) => rows.dead(endpointNo, top, limit), budget);
    case 'delivered': {
      const find = (top: number) => rows.delivered(endpointNo, top, DELIVERED_WINDOW);
      return windowSource(find, { budget, cost: DELIVERED_WINDOW / 16 });
    }
    case 'skipped':
      return unionSource([rangeSource(low, Math.min(high, cursor.startSeq)), passedSource(endpointNo, context)]);
  }
}

/** What the cursor passed without an attempt. */
function passedSource(endpointNo: number, { rows }: SearchContext): SeqSource {
  return {
    next(top) {
      const run = rows.passed(endpointNo, top);
      return run ? Math.min(top, run.toSeq) : 0;
    },
  };
}
