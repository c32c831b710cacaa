/** Counts the writes of a profile's row, so that who read it without a lock can tell whether it is still the same. */
export const sql = 'ALTER TABLE portrait.profile ADD COLUMN revision BIGINT NOT NULL DEFAULT 0';
