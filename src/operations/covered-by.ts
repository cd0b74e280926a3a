import type { Dialect } from '../database/database.js';
import { MigratorError, type ErrorPlace } from '../errors.js';
import type { ClassifiedStatement, SchemaEffect } from '../statements/statement.js';
import type { ConstraintType, TableChange } from '../statements/table-changes/table-change.js';
import type { CoveredStatement } from './operation-action.js';
import type { Operation, Phase } from './operation.js';
import { dropsRows, readChange } from './read-change.js';

/** One kind of statement that a phase may cover. */
interface Coverable {
  /** As it is shown to the user. */
  readonly words: string;
  readonly fits: (effect: SchemaEffect, change: TableChange | null) => boolean;
}

/**
 * The statements that an `@operation` line covers, if the phase comes to them. Pure; asked before anything is touched.
 *
 * | operation | expand | backfill | contract |
 * | --- | --- | --- | --- |
 * | rename-column | ADD COLUMN of the new one | rows | DROP COLUMN of the old one, or RENAME COLUMN |
 * | change-column-type | | rows | the column's new type |
 * | tighten not-null | | rows | SET NOT NULL |
 * | tighten check, foreign-key | ADD CONSTRAINT | rows | |
 * | tighten unique | | rows | ADD CONSTRAINT, or CREATE UNIQUE INDEX |
 * | tighten max-length | ADD CONSTRAINT CHECK | rows | the column's new type |
 * | backfill | | rows | |
 *
 * Each at most once. `rows` = statements that write rows and change no schema.
 *
 * @throws {MigratorError} `OPERATION_MISMATCH` with the line of the first statement that does not belong
 */
export function coveredBy(
  operation: Operation,
  phase: Phase,
  statements: readonly ClassifiedStatement[],
  dialect: Dialect,
  place: ErrorPlace = {},
): readonly CoveredStatement[] {
  const coverable = coverableBy(operation, phase);
  let taken = false;
  return statements.map((statement) => {
    const { index, line, sql, is } = statement;
    const refuse = (): MigratorError =>
      mismatch(operation, phase, coverable, { ...place, line, statement: index + 1 });
    if (is.control !== null) throw refuse();
    if (phase === 'backfill' && is.category === 'dml') return { index, line, sql, effects: [] };
    const [effect, ...more] = is.effects;
    if (effect === undefined || more.length > 0 || taken || dropsRows(sql, dialect)) throw refuse();
    const change = readChange(sql, dialect);
    if (!onTable(effect, operation) || !coverable.some(({ fits }) => fits(effect, change)))
      throw refuse();
    taken = true;
    const { kind, schema, name, table } = effect.object;
    return {
      index,
      line,
      sql,
      effects: [
        {
          effect: effect.effect,
          kind,
          schema: table?.schema ?? schema,
          table: table?.name ?? null,
          name,
        },
      ],
    };
  });
}

function coverableBy(operation: Operation, phase: Phase): readonly Coverable[] {
  switch (operation.kind) {
    case 'rename-column': {
      const { from, to } = operation;
      if (phase === 'expand')
        return [{ words: `ADD COLUMN ${to}`, fits: (effect) => isColumn(effect, 'adds', to) }];
      if (phase !== 'contract') return [];
      return [
        {
          words: `DROP COLUMN ${from}`,
          fits: (effect, it) =>
            isColumn(effect, 'removes', from) && it?.kind === 'drop column' && !it.cascade,
        },
        {
          words: `RENAME COLUMN ${from} TO ${to}`,
          fits: (effect, it) =>
            isColumn(effect, 'renames', from) && it?.kind === 'rename column' && it.to === to,
        },
      ];
    }
    case 'change-column-type':
      return phase === 'contract' ? [newType(operation.column)] : [];
    case 'tighten':
      return ruleCoverable(operation.rule, phase);
    case 'backfill':
      return [];
  }
}

function ruleCoverable(
  rule: Extract<Operation, { kind: 'tighten' }>['rule'],
  phase: Phase,
): readonly Coverable[] {
  switch (rule.kind) {
    case 'not-null': {
      const { column } = rule;
      if (phase !== 'contract') return [];
      return [
        {
          words: `SET NOT NULL of ${column}`,
          // MySQL restates the whole column.
          fits: (effect, it) =>
            isColumn(effect, 'retypes', column) ||
            (isColumn(effect, 'tightens', column) && it?.kind === 'set not null'),
        },
      ];
    }
    case 'check':
      return phase === 'expand' ? [added(rule.constraint, 'check')] : [];
    case 'foreign-key':
      return phase === 'expand' ? [added(rule.constraint, 'foreign key')] : [];
    case 'unique':
      if (phase !== 'contract') return [];
      return [
        added(rule.constraint, 'unique'),
        {
          words: `CREATE UNIQUE INDEX ${rule.constraint}`,
          fits: ({ effect, object }) =>
            effect === 'adds' && object.kind === 'index' && object.name === rule.constraint,
        },
      ];
    case 'max-length':
      if (phase === 'contract') return [newType(rule.column)];
      return phase === 'expand'
        ? [
            {
              words: 'ADD CONSTRAINT ... CHECK',
              fits: (effect, it) => isConstraint(effect, it, 'check'),
            },
          ]
        : [];
  }
}

function added(name: string, type: ConstraintType): Coverable {
  return {
    words: `ADD CONSTRAINT ${name} ${type.toUpperCase()}`,
    fits: (effect, it) => effect.object.name === name && isConstraint(effect, it, type),
  };
}

function newType(column: string): Coverable {
  return {
    words: `the new type of ${column}`,
    fits: (effect) => isColumn(effect, 'retypes', column),
  };
}

function isConstraint(
  { effect, object }: SchemaEffect,
  it: TableChange | null,
  type: ConstraintType,
): boolean {
  if (effect !== 'adds') return false;
  // MySQL's UNIQUE constraints are indexes, and read and classified as such.
  if (object.kind === 'index') return type === 'unique' && it?.kind === 'add index' && it.unique;
  return object.kind === 'constraint' && it?.kind === 'add constraint' && it.type === type;
}

function isColumn(
  { effect, object }: SchemaEffect,
  wanted: SchemaEffect['effect'],
  name: string,
): boolean {
  return effect === wanted && object.kind === 'column' && object.name === name;
}

function onTable({ object }: SchemaEffect, { table }: Operation): boolean {
  const named = object.table;
  if (named === undefined || named.name !== table.name) return false;
  return named.schema === table.schema || named.schema === null || table.schema === null;
}

function mismatch(
  operation: Operation,
  phase: Phase,
  coverable: readonly Coverable[],
  place: ErrorPlace,
): MigratorError {
  const words = coverable.map((one) => one.words);
  const may =
    words.length === 0
      ? 'may cover no change of the schema'
      : `may cover one ${words.join(', or ')}`;
  return new MigratorError('OPERATION_MISMATCH', {
    message: `The ${phase} of operation ${operation.name} ${may} on ${operation.table.name}, one action a statement. This statement is something else.`,
    state: 'Nothing was executed.',
    remedy:
      'Move the statement below an -- @online line or into a migration of its own, or correct the phase.',
    place,
    details: { operation: operation.name, phase, allowed: words },
  });
}
