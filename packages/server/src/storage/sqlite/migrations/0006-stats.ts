/** Statistics: a row for each app, minute and process that had something to count. */
export const sql = `
CREATE TABLE stat (
  sdk_app_id INTEGER NOT NULL,
  at_ms      INTEGER NOT NULL,
  writer     TEXT NOT NULL,
  counts     TEXT NOT NULL,
  PRIMARY KEY (sdk_app_id, at_ms, writer)
) STRICT, WITHOUT ROWID;
`;
