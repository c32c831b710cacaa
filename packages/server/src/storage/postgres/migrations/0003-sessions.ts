/** Sessions of clients on all nodes. */
export const sql = `
-- a client that is logged in at a node, on the node's connection no. kind: its platform, as the limit on sessions counts. ended_by: the login
-- that took its place, until the node has told the client
CREATE TABLE portrait.session (
  lane              INT NOT NULL,
  sdk_app_id        BIGINT NOT NULL,
  user_id           TEXT COLLATE "C" NOT NULL,
  inst_id           BIGINT NOT NULL,
  node              TEXT NOT NULL,
  no                BIGINT NOT NULL,
  kind              TEXT NOT NULL,
  platform          TEXT NOT NULL,
  platform_number   TEXT,
  client_ip         TEXT NOT NULL,
  login_at_ms       BIGINT NOT NULL,
  connected_at_ms   BIGINT NOT NULL,
  ended_by          BIGINT,
  ended_by_platform TEXT,
  ended_by_number   TEXT,
  PRIMARY KEY (lane, sdk_app_id, user_id, inst_id)
);
CREATE INDEX session_ended ON portrait.session (node) WHERE ended_by IS NOT NULL;

-- who writes sessions of a lane locks its row: one after the other
CREATE TABLE portrait.session_lane (
  lane INT PRIMARY KEY
);
INSERT INTO portrait.session_lane SELECT lane FROM portrait.lane;
`;
