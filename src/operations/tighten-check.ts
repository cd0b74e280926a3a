import { checkName } from './column-names.js';
import { readTable, type DrizzleTable } from './drizzle-table.js';
import { checkOptions, text } from './operation-options.js';
import type { TightenConstraint } from './operation.js';
import { tighten, TIGHTEN_CHECKS, type PlainTighten, type TightenOf } from './tighten.js';

interface CheckRule {
  /** Name of the constraint, as schema.ts has it. */
  readonly constraint: string;
  /** SQL over the row's columns; a row for which it is NULL is good. */
  readonly expression: string;
}

/** Options of {@link tightenCheck} for a Drizzle table. */
export interface TightenCheckOptions<Table extends DrizzleTable>
  extends TightenOf<Table>, CheckRule {}

/** Options of {@link tightenCheck} by plain names. */
export interface PlainTightenCheckOptions extends PlainTighten, CheckRule {}

/**
 * Adds a CHECK without a scan under a lock that stops writers.
 *
 * @example
 * tightenCheck('orders-total', { table: orders, constraint: 'orders_total_check', expression: 'total >= 0' })
 * @throws {MigratorError} `OPERATION_INVALID`
 */
export function tightenCheck(name: string, options: PlainTightenCheckOptions): TightenConstraint;
export function tightenCheck<Table extends DrizzleTable>(
  name: string,
  options: TightenCheckOptions<Table>,
): TightenConstraint;
export function tightenCheck(
  name: string,
  options: PlainTightenCheckOptions | (TightenOf<DrizzleTable> & CheckRule),
): TightenConstraint {
  checkOptions(name, options, { ...TIGHTEN_CHECKS, constraint: text, expression: text }, [
    'table',
    'constraint',
    'expression',
  ]);
  const { expression } = options;
  const constraint = checkName(name, 'constraint', options.constraint);
  return tighten(
    name,
    readTable(name, options.table),
    { kind: 'check', constraint, expression },
    options,
  );
}
