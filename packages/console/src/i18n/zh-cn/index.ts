import type { Messages } from '../i18n.tsx';
import { common } from './common.ts';
import { deliveries } from './deliveries.ts';
import { endpoints } from './endpoints.ts';
import { overview } from './overview.ts';
import { reasons } from './reasons.ts';
import { replays } from './replays.ts';
import { settings } from './settings.ts';
import { users } from './users.ts';

export const zhCn: Messages = {
  ...common,
  ...deliveries,
  ...reasons,
  ...endpoints,
  ...overview,
  ...replays,
  ...users,
  ...settings,
};
