import type { Command } from 'commander';
import type { DeliveryAnswer } from '../../admin/show-delivery.ts';
import { systemClock } from '../../clock.ts';
import { parseDuration } from '../../parse-setting.ts';
import { DELIVERY_STATES } from '../../storage/store.ts';
import { type AdminClient, type ClientFlags, newClientCommand, openClient, type Page } from '../client.ts';
import { type Check, checkedOption, oneOf, option, wholeNumber } from '../command-line.ts';
import { print, printJson, printTable } from '../output.ts';

interface Flags extends ClientFlags {
  readonly user?: string;
  readonly state?: string;
  readonly endpoint?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
}

const DEFAULT_LIMIT = 50;
const PAGE_LIMIT = 100;

const momentCheck: Check<string> = {
  expects: 'a time like 2026-11-23T10:00:00Z, or how long ago like 15m',
  parse(raw) {
    const agoMs = parseDuration(raw, { minMs: 0, maxMs: 3650 * 86_400_000 });
    if (agoMs !== undefined) return new Date(systemClock.now() - agoMs).toISOString();
    return /^\d{4}-/.test(raw) && !Number.isNaN(Date.parse(raw)) ? raw : undefined;
  },
};

/** `portrait deliveries list`. */
export function deliveriesList(): Command {
  return newClientCommand('list', {
    summary: 'list deliveries, newest first',
    examples: ['portrait deliveries list --user alice', 'portrait deliveries list --state dead --from 24h --limit 200'],
  })
    .addOption(option('--user <userId>', 'only changes of this user'))
    .addOption(checkedOption('--state <state>', `only ${DELIVERY_STATES.join(', ')}`, oneOf(DELIVERY_STATES)))
    .addOption(option('--endpoint <endpointId>', 'only those for this endpoint'))
    .addOption(checkedOption('--from <time>', 'changes since then: a time, or how long ago like 15m', momentCheck))
    .addOption(checkedOption('--to <time>', 'changes up to then', momentCheck))
    .addOption(
      checkedOption('--limit <number>', `most deliveries to list (default: ${DEFAULT_LIMIT})`, wholeNumber(1, 100_000)),
    )
    .action(listDeliveries);
}

async function listDeliveries(flags: Flags): Promise<void> {
  const client = openClient(flags);
  const page = await readDeliveries(client, flags);
  if (flags.json) return printJson(page);
  if (page.items.length === 0) return print('No deliveries.');
  printTable(
    ['changed', 'delivery', 'user', 'change', 'state', 'attempts', 'last attempt'],
    page.items.map((delivery) => [
      delivery.event.at,
      delivery.deliveryId,
      delivery.userId,
      `#${delivery.sequence}`,
      delivery.state,
      String(delivery.attempts.length),
      describeLast(delivery),
    ]),
  );
  if (page.nextCursor !== null) print(`There may be more: --limit lists more than ${page.items.length}.`);
}

/** Pages may hold fewer than asked for, or none, and still lead on. */
async function readDeliveries(client: AdminClient, flags: Flags): Promise<Page<DeliveryAnswer>> {
  const { user: userId, state, endpoint: endpointId, from, to, limit = DEFAULT_LIMIT } = flags;
  const path = await client.appPath('/deliveries');
  const items: DeliveryAnswer[] = [];
  let cursor: string | undefined;
  do {
    const asked = Math.min(limit - items.length, PAGE_LIMIT);
    const query = { userId, state, endpointId, from, to, limit: asked, cursor };
    const page = await client.get<Page<DeliveryAnswer>>(path, query);
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && items.length < limit);
  return { items, nextCursor: cursor ?? null };
}

function describeLast({ attempts, nextTryAt }: DeliveryAnswer): string {
  const last = attempts.at(-1);
  if (!last) return '';
  const result =
    last.reason === undefined ? `${last.status ?? last.outcome}` : `${last.reason} ${last.status ?? ''}`.trim();
  return nextTryAt === undefined ? result : `${result}, next at ${nextTryAt}`;
}
