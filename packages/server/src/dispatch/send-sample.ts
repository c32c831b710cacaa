/** A sample callback, sent at a person's word: the whole exchange is the answer, nothing is stored. */
import { CALLBACK_PORTRAIT_SET, formatPortraitSetCallback } from '@portrait/wire';
import type { Clock } from '../clock.ts';
import { formatEventId } from '../storage/event-id.ts';
import type { ChangeEvent, Endpoint, Stage, Timings } from '../storage/store.ts';
import type { AddressRule, Lookup } from './addresses.ts';
import { CallbackFormat } from './callback-request.ts';
import { classifyOutcome } from './outcome.ts';
import { Poster, type PostResult } from './post.ts';

/** What was sent and what came back. */
export interface SampleExchange {
  readonly request: {
    readonly method: 'POST';
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly answer?: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly outcome: 'delivered' | 'failed';
  readonly reason?: string;
  readonly detail?: string;
  /** how far it got, if no whole answer came */
  readonly stage?: Stage;
  readonly durationMs: number;
  readonly timings?: Timings;
}

/** Never throws for what the endpoint does. */
export async function sendSample(
  endpoint: Endpoint,
  options: {
    readonly clock: Clock;
    readonly rule: AddressRule;
    readonly version: string;
    readonly lookup?: Lookup | undefined;
  },
): Promise<SampleExchange> {
  const { clock, rule, version, lookup } = options;
  const format = new CallbackFormat(endpoint, version);
  const poster = new Poster({
    origin: format.origin,
    connections: 1,
    connectTimeoutMs: endpoint.timeoutMs,
    rule,
    clock,
    tls: endpoint.tls,
    lookup,
  });
  try {
    const request = format.request(sampleEvent(endpoint.sdkAppId, clock.now()), 1, clock.now());
    const result = await poster.post(request);
    const outcome = classifyOutcome(result, endpoint.success, clock.now());
    const { path, headers, body } = request;
    return {
      request: { method: 'POST', url: format.origin + path, headers: pairsToObject(headers), body },
      ...(result.kind === 'answer' && { answer: answerOf(result) }),
      outcome: outcome.kind === 'delivered' ? 'delivered' : 'failed',
      ...(outcome.kind === 'failed' && { reason: outcome.reason, detail: outcome.detail }),
      ...(result.kind === 'fault' && { stage: result.stage }),
      ...(result.kind === 'shutdown' ? { durationMs: 0 } : { durationMs: result.durationMs, timings: result.timings }),
    };
  } finally {
    await poster.close();
  }
}

/** Sequence 0 is no user's: a receiver that keeps order lets it pass. */
function sampleEvent(sdkAppId: number, nowMs: number): ChangeEvent {
  const place = { atMs: nowMs, sdkAppId, lane: 0, seq: 0 };
  const userId = 'portrait-test';
  const items = [{ tag: 'Tag_Profile_IM_Nick', value: 'Portrait test' }];
  return {
    ...place,
    eventId: formatEventId(place),
    previousSeq: 0,
    userId,
    version: 0,
    command: CALLBACK_PORTRAIT_SET,
    clientIp: '127.0.0.1',
    platform: 'RESTAPI',
    body: formatPortraitSetCallback({ operatorId: 'administrator', userId, atMs: nowMs, items }),
    previousItems: [],
  };
}

/** The first 4 KiB of what came back. */
function answerOf({
  status,
  headers,
  text,
}: Extract<PostResult, { kind: 'answer' }>): NonNullable<SampleExchange['answer']> {
  const shown = Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]);
  return { status, headers: Object.fromEntries(shown), body: text.slice(0, 4_096) };
}

function pairsToObject(pairs: readonly string[]): Record<string, string> {
  const entries: [string, string][] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) entries.push([pairs[i] ?? '', pairs[i + 1] ?? '']);
  return Object.fromEntries(entries);
}
