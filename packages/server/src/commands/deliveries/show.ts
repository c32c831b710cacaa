import type { Command } from 'commander';
import type { AttemptAnswer, DeliveryAnswer } from '../../admin/show-delivery.ts';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { describeItems } from '../describe-items.ts';
import { print, printable, printFacts, printJson } from '../output.ts';

/** `portrait deliveries show <deliveryId>`. */
export function deliveriesShow(): Command {
  return newClientCommand('show', {
    summary: 'tell the story of a delivery: the change, each attempt, what was answered',
    examples: [
      'portrait deliveries show dlv_mibaq2k0_n5irgh_0_7.ep_4q8w2n6c0x5v7b1m',
      'portrait deliveries show dlv_mibaq2k0_n5irgh_0_7.ep_4q8w2n6c0x5v7b1m --json',
    ],
  })
    .argument('<deliveryId>', 'dlv_…, as "portrait deliveries list" prints it')
    .action(showDelivery);
}

/** What a person reads of `state`. */
const STATES: Readonly<Record<string, string>> = {
  pending: 'pending: not tried yet',
  retrying: 'retrying: it failed and is tried again',
  waiting: 'waiting: behind an earlier change of the same user',
  held: 'held: waits for a person',
  dead: 'dead: it failed and is not tried again',
  skipped: 'skipped: this endpoint was not to get it',
};

async function showDelivery(deliveryId: string, flags: ClientFlags): Promise<void> {
  const client = openClient(flags);
  const path = await client.appPath(`/deliveries/${encodeURIComponent(deliveryId)}`);
  const delivery = await client.get<DeliveryAnswer>(path);
  if (flags.json) return printJson(delivery);
  const { event } = delivery;
  const changes = describeItems(event.items, event.previousItems);
  printFacts([
    ['Delivery', delivery.deliveryId],
    ['Event', `${event.eventId}, ${event.command}`],
    ['Endpoint', delivery.endpointId],
    ['User', `${delivery.userId}, change #${delivery.sequence}`],
    ['Made', `${event.at} by ${event.operator ?? 'somebody'} (${event.platform}, ${event.clientIp})`],
    ...changes.map((change, at) => [at === 0 ? 'Changed' : '', change] as const),
    ['Erased', event.erased ? 'yes: the account was deleted, and its values with it' : undefined],
    ['State', STATES[delivery.state] ?? delivery.state],
    ['Next try', delivery.nextTryAt],
  ]);
  for (const attempt of delivery.attempts) printAttempt(attempt);
}

function printAttempt({ number, at, outcome, reason, detail, status, durationMs, answer }: AttemptAnswer): void {
  const why = [reason, detail].filter((part) => part !== undefined).join(': ');
  const answered = status === undefined ? '' : `, status ${status}`;
  print();
  print(`Attempt ${number} at ${at}: ${outcome} after ${durationMs.toFixed(1)} ms${answered}`);
  if (why !== '') print(`  ${printable(why)}`);
  for (const line of (answer ?? '').split('\n')) if (line !== '') print(`  < ${printable(line)}`);
}
