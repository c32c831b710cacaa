import type { EventAnswer } from '../../admin/show-delivery.ts';
import { describeItems } from '../describe-items.ts';
import { print, printable } from '../output.ts';

/** Print a change as one line: when, whose, which, what, by whom. */
export function printChange({ at, userId, sequence, items, previousItems, operator, platform }: EventAnswer): void {
  const what = describeItems(items, previousItems).join(', ');
  print(printable(`${at}  ${userId} #${sequence}  ${what}  (${operator ?? 'somebody'}, ${platform})`));
}
