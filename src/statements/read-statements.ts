import { withClassification } from './classify.js';
import { readSql, type LineComment, type ReadOptions, type SqlReader } from './read-sql.js';
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
  const reader: SqlReader = {
    token: (token) => checksum.token(token),
    statement: (statement) => {
      checksum.statement();
      statements.push(withClassification(statement, dialect, options.mode));
    },
    comment: (comment) => void comments.push(comment),
  };
  readSql(text, dialect, reader, options);
  return { statements, comments, tokenChecksum: checksum.digest() };
}
