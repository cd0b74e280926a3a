import { checkName } from './column-names.js';
import { readTable, type ColumnKey, type DrizzleTable } from './drizzle-table.js';
import { checkOptions, names, refuseOperation, text } from './operation-options.js';
import type { TightenConstraint } from './operation.js';
import { tighten, TIGHTEN_CHECKS, type PlainTighten, type TightenOf } from './tighten.js';

/** Options of {@link tightenUnique} for a Drizzle table. Duplicates are counted and reported; which of them goes is yours to say. */
export interface TightenUniqueOptions<Table extends DrizzleTable> extends Omit<
  TightenOf<Table>,
  'repair'
> {
  /** Name of the constraint or index, as schema.ts has it. */
  readonly constraint: string;
  readonly columns: readonly ColumnKey<Table>[];
}

/** Options of {@link tightenUnique} by plain names. */
export interface PlainTightenUniqueOptions extends Omit<PlainTighten, 'repair'> {
  /** Name of the constraint or index, as schema.ts has it. */
  readonly constraint: string;
  readonly columns: readonly string[];
}

/**
 * Makes columns unique: duplicates are counted first, the index is built beside the writers, then promoted.
 *
 * @example
 * tightenUnique('users-email', { table: users, constraint: 'users_email_unique', columns: ['email'] })
 * @throws {MigratorError} `OPERATION_INVALID`
 */
export function tightenUnique(name: string, options: PlainTightenUniqueOptions): TightenConstraint;
export function tightenUnique<Table extends DrizzleTable>(
  name: string,
  options: TightenUniqueOptions<Table>,
): TightenConstraint;
export function tightenUnique(
  name: string,
  options:
    | PlainTightenUniqueOptions
    | (Omit<TightenOf<DrizzleTable>, 'repair'> & {
        constraint: string;
        columns: readonly string[];
      }),
): TightenConstraint {
  checkOptions(name, options, { ...TIGHTEN_CHECKS, constraint: text, columns: names }, [
    'table',
    'constraint',
    'columns',
  ]);
  if ('repair' in options && options.repair !== undefined)
    throw refuseOperation(
      name,
      'repair',
      'is not taken: which of two equal rows goes, no expression over one row can say',
    );
  const table = readTable(name, options.table);
  const columns = options.columns.map((key) =>
    checkName(name, 'columns', table.column(key, 'columns')),
  );
  const constraint = checkName(name, 'constraint', options.constraint);
  return tighten(name, table, { kind: 'unique', constraint, columns }, options);
}
