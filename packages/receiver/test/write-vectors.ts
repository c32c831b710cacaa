/** Writes vectors/callbacks.json. Run after a change of the cases: node --conditions=source packages/receiver/test/write-vectors.ts */
import { mkdirSync, writeFileSync } from 'node:fs';
import { makeVectors } from './vector-cases.ts';

const folder = new URL('../vectors/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('callbacks.json', folder), `${JSON.stringify(await makeVectors(), null, 2)}\n`);
