import { newColumnOf, objectNames } from '../object-names.js';
import type { CoveredStatement, OperationAction, Recipe } from '../operation-action.js';
import type { ChangeColumnType } from '../operation.js';
import type { ColumnFacts, TableFacts } from '../table-facts.js';
import { changeTypeBlockers } from './change-type-blockers.js';
import { constantDefault } from './constant-default.js';
import { dropNewColumn } from './drop-new-column.js';
import { validation } from './index-build.js';
import { inSync, type Pair } from './in-sync.js';
import { sameType } from './same-type.js';
import { columnOf, literal, locks, qualified, quoted } from './sql.js';
import {
  createTrigger,
  dropTrigger,
  isInstalled,
  isPresent,
  syncBody,
  type RowTrigger,
} from './sync-function.js';
import { twinsOf } from './twins.js';

/** Types whose equality is that of bytes; of any other type, values are compared as text. */
const EXACT =
  /^(?:smallint|integer|int[248]?|bigint|text|varchar|character varying|boolean|bool|uuid|date|timestamptz?|bytea)\b/i;

/**
 * A second column of the new type, kept in step in both directions; at contract it takes the old one's place, with twins of the indexes
 * and checks, in one short transaction. The column moves to the end of the table, which is the only trace.
 */
export function changeColumnTypeRecipe(
  operation: ChangeColumnType,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): Recipe {
  const { column } = operation;
  const next = newColumnOf(column);
  const names = objectNames(operation);
  const table = qualified(facts.table);
  const old = columnOf(facts, column);
  const expanded = isPresent(facts, names);
  const isSwapped = (now: TableFacts): boolean =>
    columnOf(now, next) === null && sameType(columnOf(now, column)?.type ?? '', operation.to);
  const pair = pairOf(operation, next, old?.type ?? operation.to, old?.looseEquality ?? false);
  const trigger: RowTrigger = {
    names,
    body: syncBody(pair, { name: operation.name, onConflict: 'error' }, table, { old, new: null }),
    searchPath: 'current',
  };
  const drop = dropTrigger(facts, names);
  const twins = twinsOf(facts, column, next, names.prefix);
  const required = old?.nullable === false;
  const value = old === null ? null : carriedDefault(old, operation.to);
  const check = (now: TableFacts, name: string) => now.checks.find((one) => one.name === name);
  const validations = [
    ...(required ? [names.notNull] : []),
    ...twins.checks.filter(({ validated }) => validated).map(({ name }) => name),
  ].map((name) =>
    validation(facts, name, (now) => isSwapped(now) || check(now, name)?.validated === true),
  );

  const expand: OperationAction = {
    id: 'add-column',
    mode: 'transaction',
    statements: [
      ...(columnOf(facts, next) === null
        ? [`alter table ${table} add column ${quoted(next)} ${operation.to}`]
        : []),
      // Contract sets the default. That the new type takes it has to show now, while nothing is lost.
      ...(value === null
        ? []
        : [
            `alter table ${table} alter column ${quoted(next)} set default ${value}`,
            `alter table ${table} alter column ${quoted(next)} drop default`,
          ]),
      ...createTrigger(facts, trigger),
      ...(required && check(facts, names.notNull) === undefined
        ? [
            `alter table ${table} add constraint ${quoted(names.notNull)} check (${quoted(next)} is not null) not valid`,
          ]
        : []),
      ...twins.checks.filter(({ name }) => check(facts, name) === undefined).map(({ sql }) => sql),
    ],
    locks: locks(facts, 'ACCESS EXCLUSIVE'),
    isDone: (now) => isSwapped(now) || (columnOf(now, next) !== null && isInstalled(now, trigger)),
  };
  const builds = twins.indexes.map(({ build }) => ({
    ...build,
    isDone: (now: TableFacts) => isSwapped(now) || build.isDone(now),
  }));
  const swap: OperationAction = {
    id: 'swap',
    mode: 'transaction',
    statements: [
      drop.trigger,
      ...twins.sequences.map((name) => `alter sequence ${name} owned by ${table}.${quoted(next)}`),
      `alter table ${table} drop column ${quoted(column)}`,
      `alter table ${table} rename column ${quoted(next)} to ${quoted(column)}`,
      // By its last name: Postgres 18 names the constraint after the column. The CHECK, which followed, spares the scan.
      ...(required
        ? [
            `alter table ${table} alter column ${quoted(column)} set not null`,
            `alter table ${table} drop constraint if exists ${quoted(names.notNull)}`,
          ]
        : []),
      ...(value === null
        ? []
        : [`alter table ${table} alter column ${quoted(column)} set default ${value}`]),
      ...twins.indexes.map(({ promote }) => promote),
      ...twins.checks.map(({ promote }) => promote),
      ...(old === null || old.comment === null
        ? []
        : [`comment on column ${table}.${quoted(column)} is ${literal(old.comment)}`]),
      drop.function,
    ],
    locks: locks(facts, 'ACCESS EXCLUSIVE'),
    isDone: (now) => isSwapped(now) && !isPresent(now, names),
  };
  return {
    blockers: changeTypeBlockers(operation, facts, covered, expanded, isSwapped(facts)),
    expand: [expand],
    rows: isSwapped(facts)
      ? null
      : {
          set: { [next]: pair.up(quoted(column)) },
          pending: `not (${inSync(pair, quoted(column), quoted(next))})`,
          unfilled: `${quoted(next)} is null`,
          keep: [],
        },
    // Behind the backfill, which would have to maintain them.
    verify: [...builds, ...validations],
    contract: [...builds, ...validations, swap],
    undo: [dropNewColumn(facts, names, next)],
  };
}

function pairOf(operation: ChangeColumnType, next: string, oldType: string, loose: boolean): Pair {
  const expression = (sql: string, type: string) => (value: string) =>
    `cast((${sql.replaceAll('{value}', () => value)}) as ${uncut(type)})`;
  return {
    old: operation.column,
    new: next,
    up: expression(operation.up, operation.to),
    down: expression(operation.down, oldType),
    loose: { old: loose, new: !EXACT.test(operation.to) },
  };
}

const TEXT = /^(?:text|varchar|character|char|bpchar|citext)\b/i;

/** The old default for the new type: as it was printed, but a constant of another kind of type by its literal alone. null = none. */
function carriedDefault({ type, default: value }: ColumnFacts, to: string): string | null {
  if (value === null || TEXT.test(type) === TEXT.test(to)) return value;
  return constantDefault(value) ?? value;
}

/** A cast to a text or bits of a certain length cuts what is longer, silently; an assignment refuses it. */
function uncut(type: string): string {
  return /^(?:varchar|character|char|bpchar|bit|varbit)\b/i.test(type)
    ? type.replace(/\(\s*\d+\s*\)/, '').replace(/^(?:char|character|bpchar)$/i, 'text')
    : type;
}
