/** Statistics: a row for each app, minute and process that had something to count. */
export const sql = `
CREATE TABLE portrait.stat (
  sdk_app_id BIGINT NOT NULL,
  at_ms      BIGINT NOT NULL,
  writer     TEXT NOT NULL,
  counts     TEXT NOT NULL,
  PRIMARY KEY (sdk_app_id, at_ms, writer)
);
`;
