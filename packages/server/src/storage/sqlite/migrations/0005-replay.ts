/** Replays: jobs that send deliveries again. */
export const sql = `
CREATE TABLE replay (
  job_no         INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id         TEXT NOT NULL UNIQUE,
  sdk_app_id     INTEGER NOT NULL,
  endpoint_id    TEXT NOT NULL,
  settings       TEXT NOT NULL,
  state          TEXT NOT NULL,
  reason         TEXT,
  delivered      INTEGER NOT NULL,
  failed         INTEGER NOT NULL,
  skipped        INTEGER NOT NULL,
  started_at_ms  INTEGER,
  finished_at_ms INTEGER
) STRICT;
CREATE INDEX replay_app ON replay (sdk_app_id, job_no);

-- after_seq, to_seq: the range; seq, done_ahead and tried (JSON): how far it has got
CREATE TABLE replay_lane (
  lane       INTEGER NOT NULL,
  job_no     INTEGER NOT NULL,
  after_seq  INTEGER NOT NULL,
  to_seq     INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  done_ahead TEXT NOT NULL,
  tried      TEXT NOT NULL,
  PRIMARY KEY (lane, job_no)
) STRICT, WITHOUT ROWID;
`;
