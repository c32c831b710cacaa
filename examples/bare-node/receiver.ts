/**
 * node:http and SQLite: a mirror of the profiles, each change written in one transaction with its mark, so that it takes
 * effect exactly once whatever crashes. DATABASE is the file.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { createHandler, profilePatch } from '@portrait/receiver';
import { nodeHandler } from '@portrait/receiver/node';
import { createTables, recordCallback } from '@portrait/receiver/sqlite';

const {
  PORT = '9000',
  SDK_APP_ID = '1400000001',
  TOKEN = '',
  SIGNING_SECRET = '',
  DATABASE = ':memory:',
} = process.env;

const database = new DatabaseSync(DATABASE);
createTables(database);
database.exec('CREATE TABLE IF NOT EXISTS profile (user_id TEXT PRIMARY KEY, patch TEXT NOT NULL)');
const merge = database.prepare(
  `INSERT INTO profile VALUES (?, ?) ON CONFLICT (user_id) DO UPDATE SET patch = json_patch(profile.patch, excluded.patch)`,
);

const receiver = createHandler({
  sdkAppId: Number(SDK_APP_ID),
  token: TOKEN,
  signingSecrets: [SIGNING_SECRET],
  store: false, // the mark is in our own transaction
  on: {
    'Profile.CallbackPortraitSet': (event, context) => {
      const { userId } = event;
      database.exec('BEGIN IMMEDIATE');
      try {
        const recorded = recordCallback(database, context, { userId });
        if (recorded === 'new') merge.run(userId, JSON.stringify(profilePatch(event)));
        database.exec('COMMIT');
        console.log(recorded, userId, profilePatch(event));
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
  },
  onRejected: ({ reason, detail }) => console.warn('refused', reason, detail),
});

const server = createServer(nodeHandler(receiver));

server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`Waiting for callbacks at http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`);
});
