import { checkName } from './column-names.js';
import { readTable, type ColumnKey, type DrizzleTable } from './drizzle-table.js';
import { checkOptions, count, text } from './operation-options.js';
import type { TightenConstraint } from './operation.js';
import { tighten, TIGHTEN_CHECKS, type PlainTighten, type TightenOf } from './tighten.js';

/** Options of {@link tightenLength} for a Drizzle table. */
export interface TightenLengthOptions<Table extends DrizzleTable> extends TightenOf<Table> {
  readonly column: ColumnKey<Table>;
  /** In characters. */
  readonly length: number;
}

/** Options of {@link tightenLength} by plain names. */
export interface PlainTightenLengthOptions extends PlainTighten {
  readonly column: string;
  /** In characters. */
  readonly length: number;
}

/**
 * Limits the length of a text. On Postgres by a CHECK that its expand covers, since a shorter varchar rewrites the table.
 *
 * @example
 * tightenLength('users-name', { table: users, column: 'name', length: 50, repair: { name: 'left(name, 50)' } })
 * @throws {MigratorError} `OPERATION_INVALID`
 */
export function tightenLength(name: string, options: PlainTightenLengthOptions): TightenConstraint;
export function tightenLength<Table extends DrizzleTable>(
  name: string,
  options: TightenLengthOptions<Table>,
): TightenConstraint;
export function tightenLength(
  name: string,
  options:
    PlainTightenLengthOptions | (TightenOf<DrizzleTable> & { column: string; length: number }),
): TightenConstraint {
  checkOptions(name, options, { ...TIGHTEN_CHECKS, column: text, length: count }, [
    'table',
    'column',
    'length',
  ]);
  const table = readTable(name, options.table);
  const column = checkName(name, 'column', table.column(options.column, 'column'));
  return tighten(name, table, { kind: 'max-length', column, length: options.length }, options);
}
