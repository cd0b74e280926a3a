import { checkName } from './column-names.js';
import { readTable, type ColumnKey, type DrizzleTable, type PlainTable } from './drizzle-table.js';
import {
  checkOptions,
  isRecord,
  names,
  refuseOperation,
  text,
  wordOf,
} from './operation-options.js';
import type { Rule, TightenConstraint } from './operation.js';
import { tighten, TIGHTEN_CHECKS, type PlainTighten, type TightenOf } from './tighten.js';

type ForeignKeyAction = Extract<Rule, { kind: 'foreign-key' }>['onDelete'];

interface ForeignKeyRule {
  /** Name of the constraint, as Drizzle Kit writes it. */
  readonly constraint: string;
  /** @default 'no action' */
  readonly onDelete?: ForeignKeyAction;
  /** @default 'no action' */
  readonly onUpdate?: ForeignKeyAction;
}

/** Options of {@link tightenForeignKey} for Drizzle tables. */
export interface TightenForeignKeyOptions<Table extends DrizzleTable, Other extends DrizzleTable>
  extends TightenOf<Table>, ForeignKeyRule {
  readonly columns: readonly ColumnKey<Table>[];
  readonly references: { readonly table: Other; readonly columns: readonly ColumnKey<Other>[] };
}

/** Options of {@link tightenForeignKey} by plain names. */
export interface PlainTightenForeignKeyOptions extends PlainTighten, ForeignKeyRule {
  readonly columns: readonly string[];
  readonly references: { readonly table: PlainTable; readonly columns: readonly string[] };
}

const ACTION = wordOf('no action', 'restrict', 'cascade', 'set null', 'set default');

/**
 * Adds a foreign key: orphans are counted (or repaired), new ones refused from expand on, then it is validated beside the writers.
 *
 * @example
 * tightenForeignKey('orders-user', { table: orders, constraint: 'orders_user_id_users_id_fk', columns: ['userId'],
 *   references: { table: users, columns: ['id'] }, repair: { userId: 'null' } })
 * @throws {MigratorError} `OPERATION_INVALID`
 */
export function tightenForeignKey(
  name: string,
  options: PlainTightenForeignKeyOptions,
): TightenConstraint;
export function tightenForeignKey<Table extends DrizzleTable, Other extends DrizzleTable>(
  name: string,
  options: TightenForeignKeyOptions<Table, Other>,
): TightenConstraint;
export function tightenForeignKey(
  name: string,
  options: Omit<PlainTightenForeignKeyOptions, 'table' | 'references'> & {
    table: PlainTable | DrizzleTable;
    references: { table: PlainTable | DrizzleTable; columns: readonly string[] };
  },
): TightenConstraint {
  checkOptions(
    name,
    options,
    {
      ...TIGHTEN_CHECKS,
      constraint: text,
      columns: names,
      references: (value) =>
        isRecord(value) && names(value['columns']) === null ? null : '{ table, columns }',
      onDelete: ACTION,
      onUpdate: ACTION,
    },
    ['table', 'constraint', 'columns', 'references'],
  );
  const table = readTable(name, options.table);
  const other = readTable(name, options.references.table, 'references.table');
  const columns = options.columns.map((key) =>
    checkName(name, 'columns', table.column(key, 'columns')),
  );
  const references = options.references.columns.map((key) =>
    checkName(name, 'references.columns', other.column(key, 'references.columns')),
  );
  if (columns.length !== references.length)
    throw refuseOperation(name, 'references.columns', 'must have as many columns as columns');
  return tighten(
    name,
    table,
    {
      kind: 'foreign-key',
      constraint: checkName(name, 'constraint', options.constraint),
      columns,
      references: { table: other.name, columns: references },
      onDelete: options.onDelete ?? 'no action',
      onUpdate: options.onUpdate ?? 'no action',
    },
    options,
  );
}
