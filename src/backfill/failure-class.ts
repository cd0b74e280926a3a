import { StatementError, type Session, type StatementErrorKind } from '../database/database.js';
import { isMigratorError } from '../errors.js';

/** What a chunk's failure means for what is done next. */
export type FailureClass =
  /** The server has undone the chunk because of others: again, with fewer rows. */
  | 'contention'
  /** One of its rows is refused: again with half of them, down to the row. */
  | 'row'
  /** The session is gone: another one, which asks where the cursor is. */
  | 'lost'
  /** Would fail for any row, or is not the server's. */
  | 'fatal';

/** Others were in the way. Whoever cancelled our statement wanted it out of the way now. */
const CONTENTION: ReadonlySet<StatementErrorKind> = new Set([
  'lock-timeout',
  'deadlock',
  'serialization',
  'statement-timeout',
  'cancelled',
]);

/** SQLSTATE classes of what is wrong with a row: data exception, constraint, WITH CHECK OPTION, RAISE in a trigger; MG of our own triggers. */
const POSTGRES_ROW = /^(?:22|23|44|P0|MG)/;
const MYSQL_ROW = /^(?:22|23|44|45)/;
/** Of the general class HY000 or 01000: no default, incorrect value, data truncated, CHECK violated, and of a view. */
const MYSQL_ROW_ERRNOS: ReadonlySet<number> = new Set([1364, 1366, 1265, 3819, 1369, 1906, 4025]);

/** Sorts a failure. Pure. */
export function failureClass(error: unknown, session: Session): FailureClass {
  if (session.lost.aborted) return 'lost';
  if (isMigratorError(error))
    return error.code === 'SESSION_LOST' || error.code === 'UNREACHABLE' ? 'lost' : 'fatal';
  if (!(error instanceof StatementError)) return 'fatal';
  if (CONTENTION.has(error.kind)) return 'contention';
  return isRowError(error, session) ? 'row' : 'fatal';
}

/** The class of error as it goes on record. */
export function errorCode(error: unknown): string {
  if (!(error instanceof StatementError)) return 'unknown';
  return error.facts.code ?? String(error.facts.errno ?? 'unknown');
}

function isRowError({ facts }: StatementError, session: Session): boolean {
  if (session.server.dialect === 'postgresql') return POSTGRES_ROW.test(facts.code ?? '');
  return MYSQL_ROW.test(facts.sqlState ?? '') || MYSQL_ROW_ERRNOS.has(facts.errno ?? 0);
}
