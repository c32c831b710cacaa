import type { Command } from 'commander';
import type { DeliveryAnswer } from '../../admin/show-delivery.ts';
import { UsageError } from '../../config.ts';
import { DELIVERY_STATES } from '../../storage/store.ts';
import { type AdminClient, type ClientFlags, newClientCommand, openClient, type Page } from '../client.ts';
import { type Check, checkedOption, option, wholeNumber } from '../command-line.ts';
import { momentCheck } from '../moment-check.ts';
import { print, printJson, printTable } from '../output.ts';
import { describeLast } from './describe-last.ts';

interface Flags extends ClientFlags {
  readonly user?: string;
  readonly state?: string;
  readonly reason?: string;
  readonly sequence?: number;
  readonly event?: string;
  readonly endpoint?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
}

const DEFAULT_LIMIT = 50;
const PAGE_LIMIT = 100;

const statesCheck: Check<string> = {
  expects: `one or several of ${DELIVERY_STATES.join(', ')}, with commas`,
  parse: (raw) => (raw.split(',').every((word) => DELIVERY_STATES.some((state) => state === word)) ? raw : undefined),
};

/** `portrait deliveries list`. */
export function deliveriesList(): Command {
  return newClientCommand('list', {
    summary: 'list deliveries, newest first',
    examples: [
      'portrait deliveries list --user alice',
      'portrait deliveries list --state dead,held --reason timeout --from 24h --limit 200',
    ],
  })
    .addOption(option('--user <userId>', 'only changes of this user'))
    .addOption(checkedOption('--state <states>', `only these, with commas: ${DELIVERY_STATES.join(', ')}`, statesCheck))
    .addOption(option('--reason <reason>', 'only those with an attempt that failed so: timeout, status, dns, …'))
    .addOption(
      checkedOption('--sequence <number>', "only this change of --user's", wholeNumber(1, Number.MAX_SAFE_INTEGER)),
    )
    .addOption(option('--event <eventId>', 'only those of this change: evt_…, the webhook-id'))
    .addOption(option('--endpoint <endpointId>', 'only those for this endpoint'))
    .addOption(checkedOption('--from <time>', 'changes since then: a time, or how long ago like 15m', momentCheck))
    .addOption(checkedOption('--to <time>', 'changes up to then', momentCheck))
    .addOption(
      checkedOption('--limit <number>', `most deliveries to list (default: ${DEFAULT_LIMIT})`, wholeNumber(1, 100_000)),
    )
    .action(listDeliveries);
}

async function listDeliveries(flags: Flags): Promise<void> {
  if (flags.sequence !== undefined && flags.user === undefined) throw new UsageError('--sequence needs --user.');
  const client = openClient(flags);
  const page = await readDeliveries(client, flags);
  if (flags.json) return printJson(page);
  if (page.items.length === 0) return print('No deliveries.');
  printTable(
    ['changed', 'delivery', 'user', 'change', 'state', 'attempts', 'last attempt', 'why'],
    page.items.map((delivery) => [
      delivery.event.at,
      delivery.deliveryId,
      delivery.userId,
      `#${delivery.sequence}`,
      delivery.state,
      String(delivery.attempts.length),
      describeLast(delivery),
      describeWhy(delivery),
    ]),
  );
  if (page.nextCursor !== null) print(`There may be more: --limit lists more than ${page.items.length}.`);
}

/** Pages may hold fewer than asked for, or none, and still lead on. */
async function readDeliveries(client: AdminClient, flags: Flags): Promise<Page<DeliveryAnswer>> {
  const { user: userId, state, reason, sequence, event: eventId, endpoint: endpointId, from, to } = flags;
  const { limit = DEFAULT_LIMIT } = flags;
  const filter = { userId, state, reason, sequence, eventId, endpointId, from, to };
  const path = await client.appPath('/deliveries');
  const items: DeliveryAnswer[] = [];
  let cursor: string | undefined;
  do {
    const asked = Math.min(limit - items.length, PAGE_LIMIT);
    const page = await client.get<Page<DeliveryAnswer>>(path, { ...filter, limit: asked, cursor });
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && items.length < limit);
  return { items, nextCursor: cursor ?? null };
}

/** Where the last attempt does not say it already. */
function describeWhy({ why, attempts }: DeliveryAnswer): string {
  return why === undefined || (attempts.length > 0 && ['retrying', 'dead', 'held'].includes(why.code)) ? '' : why.text;
}
