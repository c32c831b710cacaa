import type { Command } from 'commander';
import type { AttemptAnswer, DeliveryAnswer, EventAnswer } from '../../admin/show-delivery.ts';
import { type AdminClient, type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { describeItems } from '../describe-items.ts';
import { print, printable, printFacts, printJson, printTable } from '../output.ts';
import { formatWaterfall } from '../waterfall.ts';
import { describeLast } from './describe-last.ts';

/** `portrait deliveries show <deliveryId or eventId>`. */
export function deliveriesShow(): Command {
  return newClientCommand('show', {
    summary:
      'tell the story of a delivery, or of a change at all endpoints: each attempt, what was answered, why nothing was sent',
    examples: [
      'portrait deliveries show dlv_mibaq2k0_n5irgh_0_7.ep_4q8w2n6c0x5v7b1m',
      'portrait deliveries show evt_mibaq2k0_n5irgh_0_7 --json',
    ],
  })
    .argument('<id>', 'dlv_…, as "portrait deliveries list" prints it, or evt_…, the webhook-id of a callback')
    .action((id: string, flags: ClientFlags) => (id.startsWith('evt_') ? showEvent : showDelivery)(id, flags));
}

/** What `GET …/events/{eventId}` answers. */
interface EventStory {
  readonly event: EventAnswer;
  readonly deliveries: readonly DeliveryAnswer[];
  readonly nextCursor: string | null;
}

async function showDelivery(deliveryId: string, flags: ClientFlags): Promise<void> {
  const client = openClient(flags);
  const path = await client.appPath(`/deliveries/${encodeURIComponent(deliveryId)}`);
  const delivery = await client.get<DeliveryAnswer>(path);
  if (flags.json) return printJson(delivery);
  printFacts([
    ['Delivery', delivery.deliveryId],
    ['Endpoint', delivery.endpointId ?? 'none'],
    ...factsOf(delivery.event),
    ['State', delivery.state],
    ['Why', delivery.why?.text],
    ['Waits for', delivery.why?.behind?.deliveryId],
    ['Next try', delivery.nextTryAt],
  ]);
  for (const attempt of delivery.attempts) printAttempt(attempt);
}

async function showEvent(eventId: string, flags: ClientFlags): Promise<void> {
  const client = openClient(flags);
  const { event, deliveries } = await readStory(client, await client.appPath(`/events/${encodeURIComponent(eventId)}`));
  if (flags.json) return printJson({ event, deliveries });
  printFacts(factsOf(event));
  print();
  printTable(
    ['delivery', 'state', 'attempts', 'last attempt', 'why'],
    deliveries.map((delivery) => [
      delivery.deliveryId,
      delivery.state,
      String(delivery.attempts.length),
      describeLast(delivery),
      delivery.why?.text ?? '',
    ]),
  );
}

/** All its pages: an app can have many endpoints. */
async function readStory(client: AdminClient, path: string): Promise<Omit<EventStory, 'nextCursor'>> {
  const deliveries: DeliveryAnswer[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page: EventStory = await client.get(path, { cursor });
    deliveries.push(...page.deliveries);
    if (page.nextCursor === null) return { event: page.event, deliveries };
    cursor = page.nextCursor;
  }
}

function factsOf(event: EventAnswer): (readonly [name: string, value: string | undefined])[] {
  const changes = describeItems(event.items, event.previousItems);
  return [
    ['Event', `${event.eventId}, ${event.command}`],
    ['User', `${event.userId}, change #${event.sequence}`],
    ['Made', `${event.at} by ${event.operator ?? 'somebody'} (${event.platform}, ${event.clientIp})`],
    ...changes.map((change, at) => [at === 0 ? 'Changed' : '', change] as const),
    ['Erased', event.erased ? 'yes: the account was deleted, and its values with it' : undefined],
  ];
}

function printAttempt(attempt: AttemptAnswer): void {
  const { number, at, outcome, reason, detail, status, durationMs, request, answerHeaders, answer } = attempt;
  const why = [reason, detail].filter((part) => part !== undefined).join(': ');
  const answered = status === undefined ? '' : `, status ${status}`;
  print();
  print(`Attempt ${number} at ${at}: ${outcome} after ${durationMs.toFixed(1)} ms${answered}`);
  if (why !== '') print(`  ${printable(why)}`);
  for (const line of formatWaterfall(attempt)) print(`  ${line}`);
  if (request) {
    print(`  > ${printable(`${request.method} ${request.url}`)}`);
    for (const [name, value] of Object.entries(request.headers)) print(`  > ${printable(`${name}: ${value}`)}`);
    if (request.rebuilt) print('  > (made again by the settings of now)');
  }
  for (const [name, value] of Object.entries(answerHeaders ?? {})) print(`  < ${printable(`${name}: ${value}`)}`);
  for (const line of (answer ?? '').split('\n')) if (line !== '') print(`  < ${printable(line)}`);
}
