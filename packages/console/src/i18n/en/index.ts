import { common } from './common.ts';
import { deliveries } from './deliveries.ts';
import { endpoints } from './endpoints.ts';
import { overview } from './overview.ts';
import { reasons } from './reasons.ts';
import { replays } from './replays.ts';
import { settings } from './settings.ts';
import { users } from './users.ts';

/** All messages in English: the other languages have the same keys. */
export const en = {
  ...common,
  ...deliveries,
  ...reasons,
  ...endpoints,
  ...overview,
  ...replays,
  ...users,
  ...settings,
} as const;
