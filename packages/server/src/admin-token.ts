/** The token that opens the admin API and the console. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the token comes from. */
export interface AdminToken {
  readonly adminToken: string;
  /** made just now: to be shown once */
  readonly isNewAdminToken: boolean;
}

/**
 * The configured token, or the one in the data folder's file `admin-token` (mode 600), which is made if it isn't there.
 *
 * @throws the file system's error
 */
export function loadAdminToken(dataDir: string, configured: string | undefined): AdminToken {
  if (configured !== undefined) return { adminToken: configured, isNewAdminToken: false };
  const file = join(dataDir, 'admin-token');
  try {
    const kept = readFileSync(file, 'utf8').trim();
    if (kept !== '') return { adminToken: kept, isNewAdminToken: false };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const adminToken = randomBytes(32).toString('base64url');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(file, `${adminToken}\n`, { mode: 0o600 });
  return { adminToken, isNewAdminToken: true };
}
