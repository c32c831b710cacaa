import { common } from './common.ts';
import { deliveries } from './deliveries.ts';
import { reasons } from './reasons.ts';

/** All messages in English: the other languages have the same keys. */
export const en = { ...common, ...deliveries, ...reasons } as const;
