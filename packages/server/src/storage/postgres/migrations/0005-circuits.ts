/** What each node says of an endpoint's circuit, by owner, as JSON; `circuit` is the worst of it. */
export const sql = `
ALTER TABLE portrait.endpoint ADD COLUMN circuits TEXT;
`;
