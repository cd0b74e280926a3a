import type { LedgerWriter, WriterContext } from './ledger-writes.js';
import { MysqlLedgerWriter } from './mysql/ledger-writer.js';
import { PostgresLedgerWriter } from './postgres/ledger-writer.js';

export type {
  ActionFacts,
  LedgerWriter,
  MigrationFacts,
  Progress,
  RepairFacts,
  WriterContext,
} from './ledger-writes.js';

/** The writer for this session's dialect. */
export function ledgerWriter(context: WriterContext): LedgerWriter {
  switch (context.session.server.dialect) {
    case 'postgresql':
      return new PostgresLedgerWriter(context);
    case 'mysql':
      return new MysqlLedgerWriter(context);
  }
}
