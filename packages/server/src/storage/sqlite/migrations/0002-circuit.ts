/** Circuits of endpoints, attempts that do not count, and what happened to endpoints. */
export const sql = `
-- JSON; null = closed, and never was otherwise. Beside the settings, so that an update of these leaves it
ALTER TABLE endpoint ADD COLUMN circuit TEXT;

ALTER TABLE parked ADD COLUMN uncounted INTEGER NOT NULL DEFAULT 0;

CREATE TABLE endpoint_event (
  endpoint_no INTEGER NOT NULL,
  no          INTEGER NOT NULL,
  at_ms       INTEGER NOT NULL,
  kind        TEXT NOT NULL,
  reason      TEXT,
  detail      TEXT,
  PRIMARY KEY (endpoint_no, no)
) STRICT, WITHOUT ROWID;
`;
