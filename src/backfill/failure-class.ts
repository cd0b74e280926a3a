import { StatementError, type Session, type StatementErrorKind } from '../database/database.js';
import { isRowError } from '../database/row-errors.js';
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

/** Sorts a failure. Pure. */
export function failureClass(error: unknown, session: Session): FailureClass {
  if (session.lost.aborted) return 'lost';
  if (isMigratorError(error))
    return error.code === 'SESSION_LOST' || error.code === 'UNREACHABLE' ? 'lost' : 'fatal';
  if (!(error instanceof StatementError)) return 'fatal';
  if (CONTENTION.has(error.kind)) return 'contention';
  return isRowError(error.facts) ? 'row' : 'fatal';
}

/** The class of error as it goes on record. */
export function errorCode(error: unknown): string {
  if (!(error instanceof StatementError)) return 'unknown';
  return error.facts.code ?? String(error.facts.errno ?? 'unknown');
}
