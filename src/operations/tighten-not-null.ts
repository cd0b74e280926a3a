import { checkName } from './column-names.js';
import { readTable, type ColumnKey, type DrizzleTable } from './drizzle-table.js';
import { checkOptions, text } from './operation-options.js';
import type { TightenConstraint } from './operation.js';
import { tighten, TIGHTEN_CHECKS, type PlainTighten, type TightenOf } from './tighten.js';

/** Options of {@link tightenNotNull} for a Drizzle table. */
export interface TightenNotNullOptions<Table extends DrizzleTable> extends TightenOf<Table> {
  readonly column: ColumnKey<Table>;
}

/** Options of {@link tightenNotNull} by plain names. */
export interface PlainTightenNotNullOptions extends PlainTighten {
  readonly column: string;
}

/**
 * Makes a column NOT NULL without a scan under a lock.
 *
 * @example
 * tightenNotNull('users-email', { table: users, column: 'email', repair: { email: "'unknown'" } })
 * @throws {MigratorError} `OPERATION_INVALID`
 */
export function tightenNotNull(
  name: string,
  options: PlainTightenNotNullOptions,
): TightenConstraint;
export function tightenNotNull<Table extends DrizzleTable>(
  name: string,
  options: TightenNotNullOptions<Table>,
): TightenConstraint;
export function tightenNotNull(
  name: string,
  options: PlainTightenNotNullOptions | (TightenOf<DrizzleTable> & { column: string }),
): TightenConstraint {
  checkOptions(name, options, { ...TIGHTEN_CHECKS, column: text }, ['table', 'column']);
  const table = readTable(name, options.table);
  const column = checkName(name, 'column', table.column(options.column, 'column'));
  return tighten(name, table, { kind: 'not-null', column }, options);
}
