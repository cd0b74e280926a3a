import type { Dialect } from '../database/database.js';
import { isRecord, refuseOperation } from './operation-options.js';
import { newColumnOf } from './object-names.js';
import type { Operation } from './operation.js';
import { columnsOfRule } from './rule-columns.js';

const KINDS: readonly Operation['kind'][] = [
  'rename-column',
  'change-column-type',
  'tighten',
  'backfill',
];

/**
 * Holds the option `operations` against what this dialect can carry out: values of our constructors, each name once, names that the
 * database can hold, and no two operations that would get into each other's way on one column.
 *
 * @throws {MigratorError} `OPERATION_INVALID`
 */
export function validateOperations(operations: readonly Operation[], dialect: Dialect): void {
  const seen: Operation[] = [];
  for (const operation of operations) {
    if (
      !isRecord(operation) ||
      !KINDS.includes(operation.kind) ||
      typeof operation.name !== 'string'
    )
      throw refuseOperation(
        '(unknown)',
        null,
        'must be made by renameColumn, tightenNotNull or the like',
      );
    if (seen.some(({ name }) => name === operation.name))
      throw refuseOperation(operation.name, null, 'is registered twice: each name once');
    for (const name of namesOf(operation)) assertFits(operation, name, dialect);
    for (const other of seen) assertApart(operation, other);
    seen.push(operation);
  }
}

/** Columns that an operation is about, by name. */
export function columnsOf(operation: Operation): readonly string[] {
  switch (operation.kind) {
    case 'rename-column':
      return [operation.from, operation.to];
    case 'change-column-type':
      return [operation.column, newColumnOf(operation.column)];
    case 'tighten':
      return [...columnsOfRule(operation.rule), ...Object.keys(operation.repair ?? {})];
    case 'backfill':
      return Object.keys(operation.set ?? {});
  }
}

function namesOf(operation: Operation): readonly string[] {
  const { schema, name } = operation.table;
  const constraint =
    operation.kind === 'tighten' && 'constraint' in operation.rule
      ? [operation.rule.constraint]
      : [];
  return [...(schema === null ? [] : [schema]), name, ...columnsOf(operation), ...constraint];
}

function assertFits(operation: Operation, name: string, dialect: Dialect): void {
  const postgres = dialect === 'postgresql';
  const length = postgres ? Buffer.byteLength(name) : name.length;
  const limit = postgres ? 63 : 64;
  if (length > limit)
    throw refuseOperation(
      operation.name,
      null,
      `names ${JSON.stringify(name.slice(0, 80))}, which is longer than the ${limit} ${postgres ? 'bytes' : 'characters'} that the database keeps`,
    );
}

/**
 * Two operations may share a column where each only adds a rule of another kind. A rename or a change of type wants its column for itself,
 * two that write one column would undo each other's work.
 */
function assertApart(one: Operation, other: Operation): void {
  if (!sameTable(one, other)) return;
  const shared = columnsOf(one).find((column) => columnsOf(other).includes(column));
  if (shared === undefined || !collide(one, other, shared)) return;
  throw refuseOperation(
    one.name,
    null,
    `is about column ${shared} of ${one.table.name}, and so is ${other.name}: run one to its end first`,
  );
}

function sameTable(one: Operation, other: Operation): boolean {
  const [a, b] = [one.table, other.table];
  return a.name === b.name && (a.schema === b.schema || a.schema === null || b.schema === null);
}

function collide(one: Operation, other: Operation, column: string): boolean {
  if (reshapes(one) || reshapes(other)) return true;
  if (writes(one, column) && writes(other, column)) return true;
  return one.kind === 'tighten' && other.kind === 'tighten' && one.rule.kind === other.rule.kind;
}

function reshapes(operation: Operation): boolean {
  return operation.kind === 'rename-column' || operation.kind === 'change-column-type';
}

function writes(operation: Operation, column: string): boolean {
  if (operation.kind === 'tighten') return Object.hasOwn(operation.repair ?? {}, column);
  return operation.kind === 'backfill' && Object.hasOwn(operation.set ?? {}, column);
}
