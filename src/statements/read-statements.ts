import { withClassification } from './classify.js';
import { readSql, type LineComment, type ReadOptions } from './read-sql.js';
import type { ClassifiedStatement, Dialect } from './statement.js';
import { TokenChecksum } from './token-checksum.js';

/** All that a file's text says, from one pass over it. */
export interface SqlFile {
  readonly statements: readonly ClassifiedStatement[];
  /** `-- ...` comments in code position; directives are among them. */
  readonly comments: readonly LineComment[];
  /** See `tokenChecksum`. */
  readonly tokenChecksum: string;
}

/**
 * Statements with their classification, line comments and token checksum of a file, in one pass.
 *
 * @throws {MigratorError} `UNTERMINATED`, `STATEMENT_REFUSED`; see {@link readSql}
 */
export function readStatements(text: string, dialect: Dialect, options: ReadOptions = {}): SqlFile {
  const statements: ClassifiedStatement[] = [];
  const comments: LineComment[] = [];
  const checksum = new TokenChecksum();
  for (const part of readSql(text, dialect, options)) {
    checksum.feed(part);
    if (part.type === 'statement') {
      statements.push(withClassification(part.statement, dialect, options.mode));
    } else if (part.type === 'comment') comments.push(part.comment);
  }
  return { statements, comments, tokenChecksum: checksum.digest() };
}
