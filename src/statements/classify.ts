import { classifyControl } from './control.js';
import { Cursor } from './cursor.js';
import { unknownStatement } from './draft.js';
import { classifyMysql } from './mysql/classify-mysql.js';
import { classifyPostgres } from './postgres/classify-postgres.js';
import { refuseLockRelease } from './refused-functions.js';
import type {
  Classification,
  ClassifiedStatement,
  Dialect,
  SqlMode,
  Statement,
} from './statement.js';

/**
 * What a statement is, from its tokens alone: no catalogue, no server. SQL that we do not know is `other`, may run in
 * a transaction and has no effects; this never throws. The rules are in docs/statements.md.
 */
export function classify(
  statement: Pick<Statement, 'sql'>,
  dialect: Dialect,
  mode?: SqlMode,
): Classification {
  const draft = unknownStatement();
  const cursor = new Cursor(statement.sql, dialect, mode);
  if (!classifyControl(draft, cursor)) {
    cursor.position = 0;
    if (dialect === 'postgresql') classifyPostgres(draft, cursor);
    else classifyMysql(draft, cursor);
  }
  cursor.position = 0;
  refuseLockRelease(draft, cursor);
  return draft;
}

/** The statement with what it is. */
export function withClassification(
  statement: Statement,
  dialect: Dialect,
  mode?: SqlMode,
): ClassifiedStatement {
  const { index, sql, line, offset, endedBy, head } = statement;
  return { index, sql, line, offset, endedBy, head, is: classify(statement, dialect, mode) };
}
