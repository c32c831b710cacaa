/** Rows of the table `lane`: who dispatches what. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { LaneLease } from '../store.ts';

type Row = Record<string, string | number | null>;

/** Claims on lanes. Within one file the folder's lock is what keeps others away; the rows serve the same contract. */
export class Leases {
  readonly #list: StatementSync;
  readonly #claim: StatementSync;
  readonly #release: StatementSync;

  constructor(db: DatabaseSync) {
    this.#list = db.prepare('SELECT lane, owner, epoch, lease_until_ms FROM lane ORDER BY lane');
    this.#claim = db.prepare('UPDATE lane SET owner = ?, epoch = ?, lease_until_ms = ? WHERE lane = ?');
    this.#release = db.prepare('UPDATE lane SET owner = NULL, lease_until_ms = 0 WHERE owner = ?');
  }

  claim(owner: string, leaseMs: number, nowMs: number): LaneLease[] {
    const leases: LaneLease[] = [];
    for (const row of this.#list.all() as Row[]) {
      const isMine = row.owner === owner;
      if (!isMine && row.owner !== null && (row.lease_until_ms as number) > nowMs) continue;
      const epoch = (row.epoch as number) + (isMine ? 0 : 1);
      this.#claim.run(owner, epoch, nowMs + leaseMs, row.lane as number);
      leases.push({ lane: row.lane as number, epoch, leaseMs });
    }
    return leases;
  }

  release(owner: string): void {
    this.#release.run(owner);
  }
}
