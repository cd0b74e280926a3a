import type { ServerInfo } from '../database/database.js';
import type { Migration } from '../journal/journal.js';
import type { LedgerMatch, LedgerSnapshot } from '../ledger/ledger.js';
import { matchLedger } from '../ledger/match-ledger.js';

/** The journal laid over the ledger. SQL is only read, and what reads it only loaded, where a file is not what was applied. */
export async function layOver(
  migrations: readonly Migration[],
  ledger: LedgerSnapshot,
  { dialect, sqlMode }: ServerInfo,
): Promise<LedgerMatch> {
  let asked = false;
  const match = matchLedger(migrations, ledger, () => {
    asked = true;
    return null;
  });
  if (!asked) return match;
  const { tokenChecksums } = await import('../journal/parse-migration.js');
  return matchLedger(migrations, ledger, tokenChecksums(dialect, sqlMode));
}
