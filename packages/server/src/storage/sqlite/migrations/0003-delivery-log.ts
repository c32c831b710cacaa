/**
 * The delivery log tells more, and a search for what is rare finds it at once.
 *
 * Times are whole microseconds: an integer takes 1 to 4 bytes, a real always 8, an absent one none. The indexes hold only what went
 * wrong, so that they cost nothing while all goes well.
 */
export const sql = `
ALTER TABLE attempt ADD COLUMN is_reused      INTEGER;
ALTER TABLE attempt ADD COLUMN dns_us         INTEGER;
ALTER TABLE attempt ADD COLUMN connect_us     INTEGER;
ALTER TABLE attempt ADD COLUMN tls_us         INTEGER;
ALTER TABLE attempt ADD COLUMN first_byte_us  INTEGER;
ALTER TABLE attempt ADD COLUMN body_us        INTEGER;
ALTER TABLE attempt ADD COLUMN stage          TEXT;
-- request, answer_headers: of failures only; JSON
ALTER TABLE attempt ADD COLUMN request        TEXT;
ALTER TABLE attempt ADD COLUMN answer_headers TEXT;
CREATE INDEX attempt_dead   ON attempt (endpoint_no, lane, seq)         WHERE outcome = 'dead';
CREATE INDEX attempt_failed ON attempt (endpoint_no, lane, reason, seq) WHERE outcome <> 'delivered';

-- first_seq: the event that is tried next, the others wait behind it
ALTER TABLE parked ADD COLUMN first_seq INTEGER;
UPDATE parked SET first_seq = (SELECT MIN(seq) FROM parked_event AS waiting WHERE waiting.endpoint_no = parked.endpoint_no
  AND waiting.lane = parked.lane AND waiting.user_id = parked.user_id);
CREATE INDEX parked_retrying ON parked (endpoint_no, lane, first_seq) WHERE next_try_at_ms IS NOT NULL;
CREATE INDEX parked_held     ON parked (endpoint_no, lane, first_seq) WHERE next_try_at_ms IS NULL;
CREATE INDEX parked_event_seq ON parked_event (endpoint_no, lane, seq);

-- start_seq: events up to here are older than the endpoint's start. Of endpoints that are there already the first attempt tells
ALTER TABLE cursor ADD COLUMN start_seq INTEGER NOT NULL DEFAULT 0;
UPDATE cursor SET start_seq = COALESCE(
  (SELECT MIN(seq) - 1 FROM attempt WHERE attempt.endpoint_no = cursor.endpoint_no AND attempt.lane = cursor.lane), seq);

-- runs of events that the cursor passed though nothing was sent: their command was off
CREATE TABLE passed (
  endpoint_no INTEGER NOT NULL,
  lane        INTEGER NOT NULL,
  from_seq    INTEGER NOT NULL,
  to_seq      INTEGER NOT NULL,
  PRIMARY KEY (endpoint_no, lane, from_seq)
) STRICT, WITHOUT ROWID;
`;
