import { withClassification } from '../statements/classify.js';
import { onlineForm } from '../statements/online/online-form.js';
import { readStatements } from '../statements/read-statements.js';
import type { ClassifiedStatement, Dialect, SqlMode } from '../statements/statement.js';
import type { Coverage, OnlineStatement } from './journal.js';

/**
 * The online forms of the statements below `@online` lines, by the statement's index; a statement that has none is not in it. Pure.
 * Each part stands where its statement stands, as far as places go.
 */
export function onlineStatements(
  statements: readonly ClassifiedStatement[],
  coverage: readonly Coverage[],
  dialect: Dialect,
  mode: SqlMode,
): ReadonlyMap<number, readonly OnlineStatement[]> {
  const found = new Map<number, readonly OnlineStatement[]>();
  for (const { kind, from, until } of coverage) {
    if (kind !== 'online') continue;
    for (const statement of statements.slice(from, until)) {
      const form = onlineForm(statement, dialect, mode);
      if (form === null) continue;
      const parts = form.flatMap(({ mode: unitMode, statements: texts }, unit) =>
        texts.map((sql) => ({
          unit,
          transaction: unitMode === 'transaction',
          statement: partOf(statement, sql, dialect, mode),
        })),
      );
      found.set(statement.index, parts);
    }
  }
  return found;
}

function partOf(
  { index, line, offset, endedBy }: ClassifiedStatement,
  sql: string,
  dialect: Dialect,
  mode: SqlMode,
): ClassifiedStatement {
  const head = readStatements(sql, dialect, { mode }).statements[0]?.head ?? '';
  return withClassification({ index, line, offset, endedBy, sql, head }, dialect, mode);
}
