/** The first schema. Never edited once released: a change of the schema is a further migration. */
export const sql = `
CREATE TABLE app (
  sdk_app_id INTEGER PRIMARY KEY,
  settings   TEXT NOT NULL
) STRICT;

-- endpoint_no is the short key of the hot tables; AUTOINCREMENT, so that no row of a removed endpoint is ever taken for a new one's
CREATE TABLE endpoint (
  endpoint_no INTEGER PRIMARY KEY AUTOINCREMENT,
  endpoint_id TEXT NOT NULL UNIQUE,
  sdk_app_id  INTEGER NOT NULL,
  settings    TEXT NOT NULL
) STRICT;

CREATE TABLE profile (
  lane          INTEGER NOT NULL,
  sdk_app_id    INTEGER NOT NULL,
  user_id       TEXT NOT NULL,
  version       INTEGER NOT NULL,
  fields        TEXT NOT NULL,
  is_deleted    INTEGER NOT NULL,
  revoked_at_ms INTEGER NOT NULL,
  last_seq      INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  PRIMARY KEY (lane, sdk_app_id, user_id)
) STRICT, WITHOUT ROWID;

-- profile_seq: the rows of profiles have the events up to here
CREATE TABLE head (
  lane        INTEGER NOT NULL,
  sdk_app_id  INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  profile_seq INTEGER NOT NULL,
  PRIMARY KEY (lane, sdk_app_id)
) STRICT, WITHOUT ROWID;

-- insert-only; no further index: time is searched by bisection over seq, a user's history by the chain of previous_seq
CREATE TABLE event (
  lane         INTEGER NOT NULL,
  sdk_app_id   INTEGER NOT NULL,
  seq          INTEGER NOT NULL,
  previous_seq INTEGER NOT NULL,
  at_ms        INTEGER NOT NULL,
  user_id      TEXT NOT NULL,
  version      INTEGER NOT NULL,
  command      TEXT NOT NULL,
  client_ip    TEXT NOT NULL,
  platform     TEXT NOT NULL,
  body         TEXT NOT NULL,
  previous     TEXT NOT NULL,
  PRIMARY KEY (lane, sdk_app_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE lane (
  lane           INTEGER PRIMARY KEY,
  owner          TEXT,
  epoch          INTEGER NOT NULL,
  lease_until_ms INTEGER NOT NULL
) STRICT;
INSERT INTO lane VALUES (0, NULL, 0, 0);

-- done_ahead: bit i of byte b is set if seq + 1 + 8b + i is settled
CREATE TABLE cursor (
  endpoint_no INTEGER NOT NULL,
  lane        INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  done_ahead  BLOB NOT NULL,
  PRIMARY KEY (endpoint_no, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE parked (
  endpoint_no    INTEGER NOT NULL,
  lane           INTEGER NOT NULL,
  user_id        TEXT NOT NULL,
  attempts       INTEGER NOT NULL,
  next_try_at_ms INTEGER,
  reason         TEXT NOT NULL,
  PRIMARY KEY (endpoint_no, lane, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE parked_event (
  endpoint_no INTEGER NOT NULL,
  lane        INTEGER NOT NULL,
  user_id     TEXT NOT NULL,
  seq         INTEGER NOT NULL,
  PRIMARY KEY (endpoint_no, lane, user_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (
  endpoint_no INTEGER NOT NULL,
  lane        INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  number      INTEGER NOT NULL,
  at_ms       INTEGER NOT NULL,
  outcome     TEXT NOT NULL,
  reason      TEXT,
  detail      TEXT,
  status      INTEGER,
  duration_ms REAL NOT NULL,
  answer      TEXT,
  PRIMARY KEY (endpoint_no, lane, seq, number)
) STRICT, WITHOUT ROWID;
`;
