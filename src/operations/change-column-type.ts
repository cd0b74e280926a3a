import { backfillOption, backfillSettings, type BackfillOptions } from './backfill-settings.js';
import { checkName } from './column-names.js';
import { readTable, type ColumnKey, type DrizzleTable, type PlainTable } from './drizzle-table.js';
import { newColumnOf } from './object-names.js';
import { anyTable, checkOptions, refuseOperation, text } from './operation-options.js';
import type { ChangeColumnType } from './operation.js';

interface ChangeColumnTypeSettings {
  /** The new type as in DDL, such as `bigint`. */
  readonly to: string;
  /**
   * SQL that makes the new value of the old one, which is written as `{value}`.
   *
   * @default '{value}'
   */
  readonly up?: string;
  /**
   * SQL that makes the old value of the new one, which is written as `{value}`. May lose what the old type cannot hold.
   *
   * @default '{value}'
   */
  readonly down?: string;
  readonly backfill?: BackfillOptions;
}

/** Options of {@link changeColumnType} for a Drizzle table. */
export interface ChangeColumnTypeOptions<
  Table extends DrizzleTable,
> extends ChangeColumnTypeSettings {
  readonly table: Table;
  readonly column: ColumnKey<Table>;
}

/** Options of {@link changeColumnType} by plain names. */
export interface PlainChangeColumnTypeOptions extends ChangeColumnTypeSettings {
  readonly table: PlainTable;
  readonly column: string;
}

/**
 * Gives a column another type without rewriting the table under a lock: a second column (`<column>__new`) that a trigger keeps in step,
 * swapped in under the old name at contract.
 *
 * @example
 * changeColumnType('orders-total', { table: orders, column: 'total', to: 'bigint' })
 * @throws {MigratorError} `OPERATION_INVALID`
 */
export function changeColumnType(
  name: string,
  options: PlainChangeColumnTypeOptions,
): ChangeColumnType;
export function changeColumnType<Table extends DrizzleTable>(
  name: string,
  options: ChangeColumnTypeOptions<Table>,
): ChangeColumnType;
export function changeColumnType(
  name: string,
  options: ChangeColumnTypeSettings & { table: PlainTable | DrizzleTable; column: string },
): ChangeColumnType {
  checkOptions(
    name,
    options,
    { table: anyTable, column: text, to: text, up: text, down: text, backfill: backfillOption },
    ['table', 'column', 'to'],
  );
  const table = readTable(name, options.table);
  const column = checkName(name, 'column', table.column(options.column, 'column'));
  checkName(name, 'column (its new twin)', newColumnOf(column));
  const { up = '{value}', down = '{value}' } = options;
  for (const [option, sql] of [
    ['up', up],
    ['down', down],
  ] as const)
    if (!sql.includes('{value}')) throw refuseOperation(name, option, 'must use {value}');
  return {
    kind: 'change-column-type',
    name,
    table: table.name,
    column,
    to: options.to.trim(),
    up,
    down,
    backfill: backfillSettings(name, options.backfill),
  };
}
