/** How `portrait listen` prints a callback. */
import { styleText } from 'node:util';
import { CALLBACK_PORTRAIT_SET } from '@portrait/wire';
import { describeItems } from '../describe-items.ts';
import { print, printable } from '../output.ts';
import type { CheckedCallback, Verdict } from './check-callback.ts';
import { describePlace, type Place } from './history.ts';

/** A callback as it came, and what is answered. */
export interface Arrival extends CheckedCallback {
  readonly atMs: number;
  /** raw body, for what can't be read as a callback */
  readonly body: string;
  readonly place: Place;
  readonly answer: {
    readonly status: number;
    readonly note?: string | undefined;
    /** of another receiver, that the callback was posted on to */
    readonly contentType?: string;
    readonly body?: string;
    readonly durationMs?: number;
  };
}

/** of a body, in what is printed */
export const SHOWN_BODY_CHARACTERS = 2000;

/** Print a callback for people, several lines. */
export function printCallback({ atMs, content, sdkAppId, signature, sign, place, body, answer }: Arrival): void {
  const lines = content.ok ? describeContent(content, sdkAppId) : ['not a callback', content.detail];
  if (!content.ok || content.event.command !== CALLBACK_PORTRAIT_SET) lines.push(body.slice(0, SHOWN_BODY_CHARACTERS));
  const [head = '', ...rest] = lines.map(printable);
  print(`${clockTime(atMs)} ${styleText('bold', head)}`);
  const remark = describePlace(place);
  if (remark !== undefined) print(`  ${styleText('yellow', remark)}`);
  for (const line of rest) print(`  ${line}`);
  print(`  webhook-signature: ${describeVerdict(signature)}`);
  if (sign) print(`  Sign: ${describeVerdict(sign)}`);
  print(`  answered ${answer.status}${answer.note ? `, ${printable(answer.note)}` : ''}`);
  if (answer.body) print(`  ${printable(answer.body)}`);
}

/** Print a callback for programs, one line of JSON. */
export function printCallbackJson({ atMs, content, sdkAppId, signature, sign, place, body, answer }: Arrival): void {
  const said = content.ok
    ? contentMembers(content)
    : { kind: 'refused', reason: content.reason, detail: content.detail, body };
  const members = { at: new Date(atMs).toISOString(), ...said, ...place, sdkAppId, signature, sign, answer };
  print(JSON.stringify(members));
}

type Content = Extract<CheckedCallback['content'], { ok: true }>;

function describeContent({ event, delivery }: Content, sdkAppId = 0): string[] {
  const { platform, clientIp } = delivery;
  const attempt = delivery.attempt === undefined ? '' : `, attempt ${delivery.attempt}`;
  const from = `${platform}${clientIp && `, ${clientIp}`}`;
  if (event.command !== CALLBACK_PORTRAIT_SET) return [`${event.command} of app ${sdkAppId}${attempt}`];
  const sequence = delivery.sequence === undefined ? '' : `, change #${delivery.sequence}`;
  return [
    `${event.userId}${sequence}${attempt}`,
    ...describeItems(event.items, event.previousItems),
    `by ${event.operatorId} (${from}) at ${formatMoment(event.atMs)}, app ${sdkAppId}`,
  ];
}

function contentMembers({ event, delivery }: Content): object {
  const { clientIp, platform, webhookId, sequence, attempt } = delivery;
  const head = { command: event.command, clientIp, platform, webhookId, sequence, attempt };
  if (event.command !== CALLBACK_PORTRAIT_SET) return { kind: 'other', ...head, body: event.body };
  const { command, body, ...members } = event;
  return { kind: 'profile-updated', ...head, ...members, sequence };
}

function describeVerdict({ kind, detail }: Verdict): string {
  const colour = ({ good: 'green', bad: 'red', 'not verified': 'yellow' } as const)[kind];
  return styleText(colour, kind) + (detail ? `: ${printable(detail)}` : '');
}

function clockTime(atMs: number): string {
  const at = new Date(atMs);
  const parts = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0'));
  return `${parts.join(':')}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

function formatMoment(atMs: number): string {
  const at = new Date(atMs);
  return Number.isNaN(at.getTime()) ? String(atMs) : at.toISOString();
}
