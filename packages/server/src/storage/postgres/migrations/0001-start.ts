/**
 * The first schema. Never edited once released: a change of the schema is a further migration.
 *
 * `lane` stands first in each key of the tables that grow: a change, or what came of a delivery, is a matter of one lane, so that the tables can be
 * distributed by it. Numbers of endpoints and jobs come from rows of `meta`, not from sequences, and no trigger or deferred constraint is needed.
 */
export const sql = `
CREATE TABLE portrait.app (
  sdk_app_id BIGINT PRIMARY KEY,
  settings   TEXT NOT NULL
);

-- endpoint_no is the short key of the hot tables
CREATE TABLE portrait.endpoint (
  endpoint_no BIGINT PRIMARY KEY,
  endpoint_id TEXT NOT NULL UNIQUE,
  sdk_app_id  BIGINT NOT NULL,
  settings    TEXT NOT NULL,
  circuit     TEXT
);
CREATE INDEX endpoint_app ON portrait.endpoint (sdk_app_id);

CREATE TABLE portrait.endpoint_event (
  endpoint_no BIGINT NOT NULL,
  no          BIGINT NOT NULL,
  at_ms       BIGINT NOT NULL,
  kind        TEXT NOT NULL,
  reason      TEXT,
  detail      TEXT,
  PRIMARY KEY (endpoint_no, no)
);

-- a dispatcher that lives, until when it is believed to
CREATE TABLE portrait.node (
  owner    TEXT PRIMARY KEY,
  until_ms BIGINT NOT NULL
);

CREATE TABLE portrait.lane (
  lane  INT PRIMARY KEY,
  owner TEXT,
  epoch BIGINT NOT NULL
);

-- endpoints that are gone, but whose attempts are still being removed
CREATE TABLE portrait.removal (
  endpoint_no BIGINT PRIMARY KEY
);

-- redeliveries that one node asks of another
CREATE TABLE portrait.wish (
  wish_id     TEXT PRIMARY KEY,
  lane        INT NOT NULL,
  endpoint_id TEXT NOT NULL,
  event_id    TEXT NOT NULL,
  until_ms    BIGINT NOT NULL,
  is_taken    BOOLEAN NOT NULL,
  answer      TEXT
);

-- work that one node does for all
CREATE TABLE portrait.duty (
  name     TEXT PRIMARY KEY,
  owner    TEXT NOT NULL,
  until_ms BIGINT NOT NULL
);

-- first_seq: the oldest event that is still there, seq + 1 if there is none. at_ms: time of the newest one. endings: accounts that were
-- deleted or logged out by force, so that nodes with sessions look who it was. is_removed: the app is being removed
CREATE TABLE portrait.head (
  lane       INT NOT NULL,
  sdk_app_id BIGINT NOT NULL,
  seq        BIGINT NOT NULL,
  first_seq  BIGINT NOT NULL,
  at_ms      BIGINT NOT NULL,
  endings    BIGINT NOT NULL,
  is_removed BOOLEAN NOT NULL,
  PRIMARY KEY (lane, sdk_app_id)
);

CREATE TABLE portrait.profile (
  lane          INT NOT NULL,
  sdk_app_id    BIGINT NOT NULL,
  user_id       TEXT COLLATE "C" NOT NULL,
  version       BIGINT NOT NULL,
  fields        TEXT NOT NULL,
  is_deleted    BOOLEAN NOT NULL,
  revoked_at_ms BIGINT NOT NULL,
  last_seq      BIGINT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  updated_at_ms BIGINT NOT NULL,
  PRIMARY KEY (lane, sdk_app_id, user_id)
);

-- insert-only; no further index: time is searched by bisection over seq, a user's history by the chain of previous_seq
CREATE TABLE portrait.event (
  lane         INT NOT NULL,
  sdk_app_id   BIGINT NOT NULL,
  seq          BIGINT NOT NULL,
  previous_seq BIGINT NOT NULL,
  at_ms        BIGINT NOT NULL,
  user_id      TEXT COLLATE "C" NOT NULL,
  version      BIGINT NOT NULL,
  command      TEXT NOT NULL,
  client_ip    TEXT NOT NULL,
  platform     TEXT NOT NULL,
  body         TEXT NOT NULL,
  previous     TEXT NOT NULL,
  is_erased    BOOLEAN NOT NULL,
  PRIMARY KEY (lane, sdk_app_id, seq)
);

-- the account of the user of event seq was deleted: his values in it and in all before it are to be overwritten
CREATE TABLE portrait.erasure (
  lane       INT NOT NULL,
  sdk_app_id BIGINT NOT NULL,
  seq        BIGINT NOT NULL,
  PRIMARY KEY (lane, sdk_app_id, seq)
);

-- done_ahead: bit i of byte b is set if seq + 1 + 8b + i is settled. start_seq: events up to here are older than the endpoint's start
CREATE TABLE portrait.cursor (
  lane        INT NOT NULL,
  endpoint_no BIGINT NOT NULL,
  seq         BIGINT NOT NULL,
  done_ahead  BYTEA NOT NULL,
  start_seq   BIGINT NOT NULL,
  PRIMARY KEY (lane, endpoint_no)
);

-- first_seq: the event that is tried next, the others wait behind it
CREATE TABLE portrait.parked (
  lane           INT NOT NULL,
  endpoint_no    BIGINT NOT NULL,
  user_id        TEXT COLLATE "C" NOT NULL,
  attempts       INT NOT NULL,
  uncounted      INT NOT NULL,
  next_try_at_ms BIGINT,
  reason         TEXT NOT NULL,
  first_seq      BIGINT,
  PRIMARY KEY (lane, endpoint_no, user_id)
);

CREATE TABLE portrait.parked_event (
  lane        INT NOT NULL,
  endpoint_no BIGINT NOT NULL,
  user_id     TEXT COLLATE "C" NOT NULL,
  seq         BIGINT NOT NULL,
  PRIMARY KEY (lane, endpoint_no, user_id, seq)
);
CREATE INDEX parked_event_seq ON portrait.parked_event (lane, endpoint_no, seq);

-- runs of events that the cursor passed though nothing was sent: their command was off
CREATE TABLE portrait.passed (
  lane        INT NOT NULL,
  endpoint_no BIGINT NOT NULL,
  from_seq    BIGINT NOT NULL,
  to_seq      BIGINT NOT NULL,
  PRIMARY KEY (lane, endpoint_no, from_seq)
);

-- times in microseconds; request, answer_headers: of failures only, JSON. The indexes hold only what went wrong
CREATE TABLE portrait.attempt (
  lane           INT NOT NULL,
  endpoint_no    BIGINT NOT NULL,
  seq            BIGINT NOT NULL,
  number         INT NOT NULL,
  at_ms          BIGINT NOT NULL,
  outcome        TEXT NOT NULL,
  reason         TEXT,
  detail         TEXT,
  status         INT,
  duration_ms    DOUBLE PRECISION NOT NULL,
  is_reused      BOOLEAN,
  dns_us         BIGINT,
  connect_us     BIGINT,
  tls_us         BIGINT,
  first_byte_us  BIGINT,
  body_us        BIGINT,
  stage          TEXT,
  answer         TEXT,
  request        TEXT,
  answer_headers TEXT,
  PRIMARY KEY (lane, endpoint_no, seq, number)
);
CREATE INDEX attempt_dead ON portrait.attempt (lane, endpoint_no, seq) WHERE outcome = 'dead';
CREATE INDEX attempt_failed ON portrait.attempt (lane, endpoint_no, reason, seq) WHERE outcome <> 'delivered';

CREATE TABLE portrait.replay (
  job_no         BIGINT PRIMARY KEY,
  job_id         TEXT NOT NULL UNIQUE,
  sdk_app_id     BIGINT NOT NULL,
  endpoint_id    TEXT NOT NULL,
  settings       TEXT NOT NULL,
  state          TEXT NOT NULL,
  reason         TEXT,
  started_at_ms  BIGINT,
  finished_at_ms BIGINT
);
CREATE INDEX replay_app ON portrait.replay (sdk_app_id, job_no);

-- after_seq, to_seq: the range; seq, done_ahead and tried (JSON): how far it has got; what was counted in this lane
CREATE TABLE portrait.replay_lane (
  lane       INT NOT NULL,
  job_no     BIGINT NOT NULL,
  after_seq  BIGINT NOT NULL,
  to_seq     BIGINT NOT NULL,
  seq        BIGINT NOT NULL,
  done_ahead TEXT NOT NULL,
  tried      TEXT NOT NULL,
  delivered  BIGINT NOT NULL,
  failed     BIGINT NOT NULL,
  skipped    BIGINT NOT NULL,
  PRIMARY KEY (lane, job_no)
);
`;
