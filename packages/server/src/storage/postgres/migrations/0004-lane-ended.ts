/** Until when the last owner of a lane had it who did not give it up: what he sent then can still be under way. */
export const sql = 'ALTER TABLE portrait.lane ADD COLUMN ended_at_ms BIGINT';
