import { en } from '../en/index.ts';

export const ja: Readonly<Record<keyof typeof en, string>> = en;
