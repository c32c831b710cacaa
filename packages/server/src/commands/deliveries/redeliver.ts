import type { Command } from 'commander';
import type { DeliveryAnswer } from '../../admin/show-delivery.ts';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { Failure } from '../failure.ts';
import { print, printJson } from '../output.ts';

/** `portrait deliveries redeliver <deliveryId>`. */
export function deliveriesRedeliver(): Command {
  return newClientCommand('redeliver', {
    summary: 'send a delivery again, now: same bytes, same webhook-id; exit 1 if it was not accepted',
    note: 'Also to a paused endpoint. What is pending or waiting comes by itself and is refused.',
    examples: [
      'portrait deliveries redeliver dlv_mibaq2k0_n5irgh_0_7.ep_4q8w2n6c0x5v7b1m',
      'portrait deliveries redeliver dlv_mibaq2k0_n5irgh_0_7.ep_4q8w2n6c0x5v7b1m --json',
    ],
  })
    .argument('<deliveryId>', 'dlv_…, as "portrait deliveries list" prints it')
    .action(redeliver);
}

async function redeliver(deliveryId: string, flags: ClientFlags): Promise<void> {
  const client = openClient(flags);
  const path = await client.appPath(`/deliveries/${encodeURIComponent(deliveryId)}/redeliver`);
  const delivery = await client.send<DeliveryAnswer>('POST', path);
  if (flags.json) printJson(delivery);
  const { number, outcome, reason, detail, durationMs } = delivery.attempts.at(-1) ?? {};
  const after = `after ${durationMs?.toFixed(1)} ms`;
  if (outcome !== 'delivered') {
    const why = [reason, detail].filter((part) => part !== undefined).join(', ');
    throw new Failure(`Attempt ${number} failed ${after}: ${why}. The delivery is ${delivery.state}.`);
  }
  if (!flags.json) print(`Attempt ${number} was delivered ${after}.`);
}
