import type { JournalLayout } from '../journal/journal.js';
import type { LedgerVersion } from './ledger.js';

/** How the ledger and our own tables are to be made. */
export interface BootstrapOptions {
  /** A new ledger has the shape that the journal's own line of drizzle-orm would give it. */
  readonly layout: JournalLayout;
  /** Roles that may read ledger and attempts. MySQL: `user` or `user@host`. @default [] */
  readonly grantTo?: readonly string[];
}

/** What the bootstrap did. */
export interface BootstrapResult {
  /** Whether anything was created. */
  readonly changed: boolean;
  /** Our own migrations that were applied. */
  readonly versions: readonly string[];
  /** The shape of Drizzle's ledger, now that it exists. */
  readonly ledgerVersion: LedgerVersion;
}

/** The shape of a ledger that does not exist yet. */
export function newLedgerVersion(layout: JournalLayout): LedgerVersion {
  return layout === 'journal' ? 'v0' : 'v1';
}
