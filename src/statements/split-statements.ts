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
  for (const part of readSql(text, dialect, { mode, place })) {
    if (part.type === 'statement') statements.push(part.statement);
  }
  return statements;
}

/**
 * The `-- ...` comments of a file that stand in code position, with the statement that follows each.
 *
 * @throws {MigratorError} `UNTERMINATED`, `STATEMENT_REFUSED`; see {@link readSql}
 */
export function* lineComments(
  text: string,
  dialect: Dialect,
  mode?: SqlMode,
  place?: ErrorPlace,
): Generator<LineComment, void> {
  for (const part of readSql(text, dialect, { mode, place })) {
    if (part.type === 'comment') yield part.comment;
  }
}
