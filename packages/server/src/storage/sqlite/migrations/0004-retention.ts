/** Erasing: which events were overwritten, and which are to be. */
export const sql = `
ALTER TABLE event ADD COLUMN is_erased INTEGER NOT NULL DEFAULT 0;

-- the account of the user of event seq was deleted: his values in it and in all before it are to be overwritten
CREATE TABLE erasure (
  lane       INTEGER NOT NULL,
  sdk_app_id INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  PRIMARY KEY (lane, sdk_app_id, seq)
) STRICT, WITHOUT ROWID;
`;
