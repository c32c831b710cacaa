/** The store in the data folder, read without a change. */
import { StoreError } from '../errors.ts';
import { peekStore, type StorePeek } from '../storage/sqlite/peek.ts';
import type { Check } from './check.ts';

/** What is known of the store. */
export interface StoreSight {
  readonly checks: readonly Check[];
  /** undefined if there is none, or if it can't be read */
  readonly peek: StorePeek | undefined;
}

/** @param folder  data folder, which may lack a store */
export function checkStore(folder: string): StoreSight {
  try {
    const peek = peekStore(folder);
    if (!peek) return { peek, checks: [make('skipped', `There is no store in ${folder} yet.`)] };
    return { peek, checks: [describePeek(peek)] };
  } catch (error) {
    const advice =
      error instanceof StoreError
        ? 'Use the Portrait that made it, or another folder.'
        : 'Run doctor as the user the server runs as; if it stays so, restore a backup.';
    const what = error instanceof StoreError ? error.message : `It can not be read: ${(error as Error).message}.`;
    return { peek: undefined, checks: [make('problem', what, advice)] };
  }
}

function describePeek({ isInUse, schema, apps, endpoints }: StorePeek): Check {
  const use = isInUse ? 'a server has it open' : 'no server has it open';
  if (schema.stored < schema.known) {
    const what = `It has schema ${schema.stored} of ${schema.known}, and ${use}.`;
    return isInUse
      ? make('warning', what, 'An older Portrait runs here: restart it to upgrade, after a backup.')
      : make('warning', what, 'The next start of this version upgrades it: make a backup first (portrait backup).');
  }
  const content = `${count(apps.length, 'app')} and ${count(endpoints.length, 'endpoint')}`;
  return make('ok', `It has schema ${schema.stored}, the newest one, ${content}; ${use}.`);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function make(status: Check['status'], what: string, advice?: string): Check {
  return { area: 'store', status, what, ...(advice !== undefined && { advice }) };
}
