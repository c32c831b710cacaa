/** Names the engine whose store `portrait backup` copies: the embedded one. A PostgreSQL database has backups of its own. */
export { backUpStore } from './storage/sqlite/backup.ts';
