/**
 * The statements of the stores in SQL, for SQLite and PostgreSQL alike: parameters are `?1`, `?2` …, times Unix milliseconds.
 *
 * | table | row | `until_ms` |
 * |---|---|---|
 * | `portrait_receiver_callbacks` | a callback that was begun (`done` 0) or completed (1) | end of the lease, or of being remembered |
 * | `portrait_receiver_users` | a user with the greatest sequence that was completed | end of the lease, if there is a `claim` |
 *
 * Each statement is whole by itself, so that no transaction is needed and a process may die between any two: what remains is
 * a lease that ends, or a callback that is handled again.
 */

/** Made once; both engines take it as it is. */
export const CREATE_TABLES: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS portrait_receiver_callbacks (
    key text PRIMARY KEY, done integer NOT NULL, claim text, until_ms bigint NOT NULL)`,
  'CREATE INDEX IF NOT EXISTS portrait_receiver_callbacks_until ON portrait_receiver_callbacks (until_ms)',
  `CREATE TABLE IF NOT EXISTS portrait_receiver_users (
    id text PRIMARY KEY, sequence bigint, claim text, until_ms bigint NOT NULL)`,
];

/** Key, claim, end of the lease, now. A row comes back if it was begun. */
export const BEGIN_CALLBACK = `
  INSERT INTO portrait_receiver_callbacks (key, done, claim, until_ms) VALUES (?1, 0, ?2, CAST(?3 AS bigint))
  ON CONFLICT (key) DO UPDATE SET done = 0, claim = excluded.claim, until_ms = excluded.until_ms
  WHERE portrait_receiver_callbacks.until_ms <= CAST(?4 AS bigint)
  RETURNING key`;

/** Key. */
export const FIND_CALLBACK = 'SELECT done, until_ms FROM portrait_receiver_callbacks WHERE key = ?1';

/** User, claim, end of the lease, now. A row comes back if nobody else has one of his changes in hand. */
export const BEGIN_USER = `
  INSERT INTO portrait_receiver_users (id, claim, until_ms) VALUES (?1, ?2, CAST(?3 AS bigint))
  ON CONFLICT (id) DO UPDATE SET claim = excluded.claim, until_ms = excluded.until_ms
  WHERE portrait_receiver_users.claim IS NULL OR portrait_receiver_users.until_ms <= CAST(?4 AS bigint)
  RETURNING sequence`;

/** User. */
export const FIND_USER = 'SELECT until_ms FROM portrait_receiver_users WHERE id = ?1 AND claim IS NOT NULL';

/** User, sequence, claim. Never goes back; another's claim stays. */
export const COMPLETE_USER = `
  UPDATE portrait_receiver_users SET
    sequence = CASE WHEN sequence >= CAST(?2 AS bigint) THEN sequence ELSE CAST(?2 AS bigint) END,
    claim = CASE WHEN claim = ?3 THEN NULL ELSE claim END
  WHERE id = ?1`;

/** Key, until when it is remembered. Whoever has a claim by now: the work is done. */
export const COMPLETE_CALLBACK = `
  INSERT INTO portrait_receiver_callbacks (key, done, until_ms) VALUES (?1, 1, CAST(?2 AS bigint))
  ON CONFLICT (key) DO UPDATE SET done = 1, claim = NULL, until_ms = excluded.until_ms`;

/** Key, claim. */
export const RELEASE_CALLBACK = 'DELETE FROM portrait_receiver_callbacks WHERE key = ?1 AND claim = ?2';

/** User, claim. */
export const RELEASE_USER = 'UPDATE portrait_receiver_users SET claim = NULL WHERE id = ?1 AND claim = ?2';

/** Key, until when it is remembered, now. A row comes back if it was not known. */
export const RECORD_CALLBACK = `
  INSERT INTO portrait_receiver_callbacks (key, done, until_ms) VALUES (?1, 1, CAST(?2 AS bigint))
  ON CONFLICT (key) DO UPDATE SET done = 1, claim = NULL, until_ms = excluded.until_ms
  WHERE portrait_receiver_callbacks.until_ms <= CAST(?3 AS bigint)
  RETURNING key`;

/** User, sequence. A row comes back if it is greater than any before. */
export const RECORD_USER = `
  INSERT INTO portrait_receiver_users (id, sequence, until_ms) VALUES (?1, CAST(?2 AS bigint), 0)
  ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence
  WHERE portrait_receiver_users.sequence IS NULL OR portrait_receiver_users.sequence < excluded.sequence
  RETURNING id`;

/** Now. Leases that ended go too. */
export const FORGET_CALLBACKS = 'DELETE FROM portrait_receiver_callbacks WHERE until_ms <= CAST(?1 AS bigint)';
