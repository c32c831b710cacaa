import type { Command } from 'commander';
import type { EndpointEventAnswer } from '../../admin/endpoint-event-schemas.ts';
import { type ClientFlags, newClientCommand, openClient, type Page } from '../client.ts';
import { checkedOption, wholeNumber } from '../command-line.ts';
import { print, printJson, printTable } from '../output.ts';
import { ENDPOINT_ID, endpointPath } from './endpoint-path.ts';

interface Flags extends ClientFlags {
  readonly limit?: number;
}

const DEFAULT_LIMIT = 50;
const PAGE_LIMIT = 100;

/** `portrait endpoint events <endpointId>`. */
export function endpointEvents(): Command {
  return newClientCommand('events', {
    summary: 'list what happened to an endpoint, newest first',
    examples: [
      'portrait endpoint events ep_1a2b3c4d5e6f7g8h',
      'portrait endpoint events ep_1a2b3c4d5e6f7g8h --limit 1000',
    ],
  })
    .argument(...ENDPOINT_ID)
    .addOption(
      checkedOption('--limit <number>', `most events to list (default: ${DEFAULT_LIMIT})`, wholeNumber(1, 1_000)),
    )
    .action(listEvents);
}

async function listEvents(endpointId: string, flags: Flags): Promise<void> {
  const { limit = DEFAULT_LIMIT } = flags;
  const client = openClient(flags);
  const path = `${await endpointPath(client, endpointId)}/events`;
  const items: EndpointEventAnswer[] = [];
  let cursor: string | undefined;
  do {
    const asked = Math.min(limit - items.length, PAGE_LIMIT);
    const page = await client.get<Page<EndpointEventAnswer>>(path, { limit: asked, cursor });
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && items.length < limit);
  if (flags.json) return printJson({ items, nextCursor: cursor ?? null });
  if (items.length === 0) return print('Nothing was written down yet.');
  printTable(
    ['at', 'what', 'reason', 'detail'],
    items.map(({ at, kind, reason = '', detail = '' }) => [at, kind, reason, detail]),
  );
  if (cursor !== undefined) print(`There may be more: --limit lists more than ${items.length}.`);
}
