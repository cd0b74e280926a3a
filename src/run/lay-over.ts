import type { ServerInfo } from '../database/database.js';
import type { Migration } from '../journal/journal.js';
import { tokenChecksums } from '../journal/parse-migration.js';
import type { LedgerMatch, LedgerSnapshot } from '../ledger/ledger.js';
import { matchLedger } from '../ledger/match-ledger.js';

/** The journal laid over the ledger. SQL is only read where a file is not what was applied. */
export function layOver(
  migrations: readonly Migration[],
  ledger: LedgerSnapshot,
  { dialect, sqlMode }: ServerInfo,
): LedgerMatch {
  return matchLedger(migrations, ledger, tokenChecksums(dialect, sqlMode));
}
