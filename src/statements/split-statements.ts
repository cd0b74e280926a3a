import type { ErrorPlace } from '../errors.js';
import { readSql, type LineComment } from './read-sql.js';
import type { Dialect, SqlMode, Statement } from './statement.js';

/**
 * The statements of a file, each as it is sent, in order. See docs/formats.md, Splitting.
 *
 * @param place where the text comes from, for errors
 * @throws {MigratorError} `UNTERMINATED`, `STATEMENT_REFUSED`; see {@link readSql}
 */
export function splitStatements(
  text: string,
  dialect: Dialect,
  mode?: SqlMode,
  place?: ErrorPlace,
): Statement[] {
  const statements: Statement[] = [];
  readSql(text, dialect, { statement: (one) => void statements.push(one) }, { mode, place });
  return statements;
}

/**
 * The `-- ...` comments of a file that stand in code position, with the statement that follows each.
 *
 * @throws {MigratorError} `UNTERMINATED`, `STATEMENT_REFUSED`; see {@link readSql}
 */
export function lineComments(
  text: string,
  dialect: Dialect,
  mode?: SqlMode,
  place?: ErrorPlace,
): LineComment[] {
  const comments: LineComment[] = [];
  readSql(text, dialect, { comment: (one) => void comments.push(one) }, { mode, place });
  return comments;
}
