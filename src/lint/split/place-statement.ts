import { quoteIdentifier } from '../../database/identifiers.js';
import { dropsThatComeBack, objectKey } from '../../statements/impact.js';
import type { ClassifiedStatement, Dialect } from '../../statements/statement.js';
import { spanOfCode } from '../../statements/table-changes/code-span.js';
import { readAlterTable } from '../../statements/table-changes/read-alter-table.js';
import { textOf } from '../../statements/table-changes/spans.js';
import type { AlterTable, TableChange } from '../../statements/table-changes/table-change.js';
import { literal, operationName, operationTable } from '../safe-way.js';
import { describe, nameOf, printable } from '../wording.js';

/** An operation that a draft leads through: phases up to verify in the first file, contract in the second. */
export interface DraftedOperation {
  readonly name: string;
  /** The call that makes it. */
  readonly call: string;
  /** What its contract covers. */
  readonly covered: string;
}

/** Where parts of one statement go. */
export interface Placement {
  readonly expand?: string;
  readonly contract?: string;
  readonly operation?: DraftedOperation;
  /** What whoever takes the draft has to look at. */
  readonly review?: string;
}

/**
 * Where a statement goes, action by action:
 *
 * | action | expand | contract |
 * | --- | --- | --- |
 * | RENAME COLUMN | renameColumn | the statement |
 * | SET NOT NULL | tightenNotNull | the statement |
 * | ADD COLUMN NOT NULL without default | the column without NOT NULL; tightenNotNull | SET NOT NULL |
 * | another type | changeColumnType | the statement |
 * | DROP COLUMN, DROP DEFAULT, what is dropped for good | - | the statement |
 * | another name for anything else | - | the statement, to be looked at |
 * | everything else | the statement | - |
 */
export function placeStatement(
  statement: ClassifiedStatement,
  all: readonly ClassifiedStatement[],
  dialect: Dialect,
): readonly Placement[] {
  const alter = readAlterTable(statement.sql, dialect);
  if (alter !== null) {
    const changes = alter.changes.filter(({ kind }) => kind !== 'algorithm' && kind !== 'lock');
    return changes.map((change) => placeChange(statement.sql, alter, change, dialect));
  }
  const sql = textOf(statement.sql, spanOfCode(statement.sql, dialect));
  const back = dropsThatComeBack(all);
  const { effects, category } = statement.is;
  const renamed = effects.find(({ effect }) => effect === 'renames');
  if (renamed !== undefined) return [{ contract: sql, review: notSplit(describe(renamed.object)) }];
  const gone = effects.some(
    ({ effect, object }) =>
      (effect === 'removes' || effect === 'tightens') && !back.has(objectKey(object)),
  );
  if (gone) return [{ contract: sql }];
  if (category === 'dml' || category === 'call')
    return [
      {
        expand: sql,
        review: `Statement ${statement.index + 1} (${statement.head}) writes rows or runs code: whether it belongs before or after the new build is yours to say; for many rows use backfill().`,
      },
    ];
  return [{ expand: sql }];
}

function notSplit(what: string): string {
  return `The new name of ${what} cannot be split: older builds ask for the old one. It stands in the contract; the new build must not need the new name before that.`;
}

function placeChange(
  sql: string,
  alter: AlterTable,
  change: TableChange,
  dialect: Dialect,
): Placement {
  const { table } = alter;
  const head = textOf(sql, alter.head);
  const statement = `${head} ${textOf(sql, change.span)}`;
  const options = (...more: readonly string[]): string =>
    `{ table: ${operationTable(table)}, ${more.join(', ')} }`;
  switch (change.kind) {
    case 'rename column':
      return { operation: renameColumn(alter, change.column, change.to, statement) };
    case 'set not null':
      return {
        operation: notNull(alter, change.column, statement),
        review: repair(alter, change.column),
      };
    case 'add column': {
      if (change.notNull === null || change.filled) return { expand: statement };
      const definition = textOf(sql, change.span);
      const from = change.notNull.from - change.span.from;
      const to = change.notNull.to - change.span.from;
      const column = quoteIdentifier(dialect, change.column);
      const tighten =
        dialect === 'postgresql'
          ? `${head} ALTER COLUMN ${column} SET NOT NULL`
          : `${head} MODIFY COLUMN ${column} ${definition.slice(Math.max(0, definition.indexOf(change.type)))}`;
      return {
        expand: `${head} ${definition.slice(0, from).trimEnd()}${definition.slice(to)}`,
        operation: notNull(alter, change.column, tighten),
        review: repair(alter, change.column),
      };
    }
    case 'change type': {
      if (change.to !== null)
        return {
          operation: renameColumn(alter, change.column, change.to, statement),
          review: `CHANGE of ${nameOf(table)}.${printable(change.column)} states the whole definition: if more than the name changes, this operation is not enough.`,
        };
      if (dialect === 'mysql' && change.notNull)
        return {
          operation: notNull(alter, change.column, statement),
          review: `MODIFY of ${nameOf(table)}.${printable(change.column)} is taken for a NOT NULL. If the type changes, use changeColumnType instead.`,
        };
      const name = operationName(table, change.column, 'type');
      return {
        operation: {
          name,
          call: `changeColumnType(${literal(name)}, ${options(`column: ${literal(change.column)}`, `to: ${literal(change.type)}`)})`,
          covered: statement,
        },
        review: `changeColumnType of ${nameOf(table)}.${printable(change.column)}: give \`up\` and \`down\` where a plain cast is not what you mean. If the type only widens, the statement may stay in the first file, with @allow change-type and @impact expand.`,
      };
    }
    case 'rename table':
      return { contract: statement, review: notSplit(`table ${nameOf(table)}`) };
    case 'drop column':
    case 'drop default':
      return { contract: statement };
    case 'add constraint':
    case 'add index':
    case 'drop constraint':
    case 'drop not null':
    case 'set default':
    case 'validate constraint':
    case 'attach partition':
    case 'detach partition':
    case 'algorithm':
    case 'lock':
    case 'other':
      return { expand: statement };
  }
}

function renameColumn(
  { table }: AlterTable,
  from: string,
  to: string,
  covered: string,
): DraftedOperation {
  const name = operationName(table, to);
  return {
    name,
    call: `renameColumn(${literal(name)}, { table: ${operationTable(table)}, from: ${literal(from)}, to: ${literal(to)} })`,
    covered,
  };
}

function notNull({ table }: AlterTable, column: string, covered: string): DraftedOperation {
  const name = operationName(table, column, 'not-null');
  return {
    name,
    call: `tightenNotNull(${literal(name)}, { table: ${operationTable(table)}, column: ${literal(column)} })`,
    covered,
  };
}

function repair({ table }: AlterTable, column: string): string {
  return `tightenNotNull of ${nameOf(table)}.${printable(column)}: give \`repair\` with the value of rows that have none, and make sure that builds of before this release write the column, or give it a DEFAULT.`;
}
