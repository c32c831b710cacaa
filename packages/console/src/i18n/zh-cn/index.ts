import { en } from '../en/index.ts';

export const zhCn: Readonly<Record<keyof typeof en, string>> = en;
