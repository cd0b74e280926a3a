import type { StatementError } from '../database/database.js';
import { MigratorError, type ErrorDetail } from '../errors.js';
import type { Key, RowFailure, ThrottleReason } from './backfill.js';

const GOES_ON = 'The chunks that are done stay; the next run goes on behind them.';

/** A row that the server refuses to change, and the policy says stop. */
export function badRow(id: string, failure: RowFailure, columns: readonly string[]): MigratorError {
  return new MigratorError('ROWS_IN_THE_WAY', {
    message: `The backfill of ${id} stopped at a row that the server refuses to change (${failure.code}): ${describeKey(failure.key, columns)}.`,
    state: GOES_ON,
    remedy:
      "Correct the row and run nest-migrate up again, or give the operation backfill: { onBadRow: 'skip' }, which lists such rows and passes over them; verify and contract wait until they are mended.",
    details: { operation: id, keys: [[...failure.key]], class: failure.code },
  });
}

/** An operator said so. */
export function cancelled(id: string): MigratorError {
  return new MigratorError('BACKFILL_CANCELLED', {
    message: `The backfill of ${id} was cancelled from outside.`,
    state: GOES_ON,
    remedy: `nest-migrate backfill resume ${id}, then nest-migrate up`,
    details: { operation: id },
  });
}

/** Held up for longer than it may be. */
export function stalled(id: string, waitedMs: number, reason: ThrottleReason): MigratorError {
  return new MigratorError('BACKFILL_STALLED', {
    message: `The backfill of ${id} made no progress for ${Math.round(waitedMs / 1000)} s (${reason.code}): ${reason.message}.`,
    state: GOES_ON,
    remedy: 'Remove what holds it up and run nest-migrate up again.',
    details: { operation: id, reason: reason.code },
  });
}

/** Transactions that have written the table do not end. */
export function writersStay(
  id: string,
  waitedMs: number,
  writers: readonly { readonly pid: string; readonly application: string | null }[],
): MigratorError {
  const names = writers
    .map(({ pid, application }) => [pid, application].filter(Boolean).join(' '))
    .filter((name) => name !== '');
  const who: ErrorDetail = names;
  return new MigratorError('BACKFILL_STALLED', {
    message: `The backfill of ${id} cannot begin: transactions that have written its table are open for more than ${Math.round(waitedMs / 1000)} s${names.length > 0 ? ` (${names.join(', ')})` : ''}.`,
    state: 'No row was changed.',
    remedy: 'End those transactions and run nest-migrate up again.',
    details: { operation: id, sessions: who },
  });
}

/** The chunk's statement is refused for every row. Nothing of the driver's message is repeated: it may hold row values. */
export function refusedStatement(id: string, error: StatementError): MigratorError {
  const code = error.facts.code ?? error.facts.errno ?? 'no code';
  return new MigratorError('MIGRATION_FAILED', {
    message: `The backfill of ${id} failed: the server refuses its statement (${code}).`,
    state: GOES_ON,
    remedy: "Correct the operation's SQL and run nest-migrate up again.",
    driver: error.facts,
    details: { operation: id },
    cause: error,
  });
}

/** Somebody else is at work on this ledger. */
export function fencedOff(scope: string): MigratorError {
  return new MigratorError('FENCED', {
    message: `Another runner has taken over the migrations of ${scope}.`,
    state: 'This chunk was rolled back; the other runner goes on behind the last one.',
    remedy:
      'nest-migrate status and nest-migrate backfill list show who is at work on this database.',
  });
}

/** Keys name rows; the columns of a key that is personal data are the user's to choose. */
function describeKey(key: Key, columns: readonly string[]): string {
  return columns.map((column, index) => `${column} = ${key[index]}`).join(', ');
}
