import { objectNames } from '../object-names.js';
import type { Blocker, CoveredStatement, OperationAction, Recipe } from '../operation-action.js';
import type { TightenConstraint } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import {
  columnMissing,
  error,
  rowBlockers,
  tableBlockers,
  triggerBlockers,
  warning,
} from './blockers.js';
import { findCovered } from './find-covered.js';
import { validation } from './index-build.js';
import { repairTrigger } from './repair-trigger.js';
import { columnOf, locks, qualified, quoted } from './sql.js';
import { createTrigger, dropTrigger, isInstalled, isPresent } from './sync-function.js';
import { tightenUniqueRecipe } from './tighten-unique.js';
import { violation } from './violation.js';

/** Measure, stop new violators, repair, validate, promote; never in one ALTER. */
export function tightenRecipe(
  operation: TightenConstraint,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): Recipe {
  const { rule } = operation;
  switch (rule.kind) {
    case 'not-null':
      return notNullRecipe(operation, rule.column, facts, covered);
    case 'unique':
      return tightenUniqueRecipe(operation, rule, facts, covered);
    case 'check':
    case 'foreign-key':
    case 'max-length':
      return validatedRecipe(operation, facts, covered);
  }
}

/**
 * A CHECK stands in for NOT NULL until every row meets it: with it validated, SET NOT NULL needs no scan.
 * Source: PostgreSQL manual, ALTER TABLE, SET NOT NULL (since 12).
 */
function notNullRecipe(
  operation: TightenConstraint,
  column: string,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): Recipe {
  const names = objectNames(operation);
  const table = qualified(facts.table);
  const violated = violation(operation.rule, facts);
  const trigger = repairTrigger(operation, names, facts, violated);
  const drop = dropTrigger(facts, names);
  const dropCheck = `alter table ${table} drop constraint if exists ${quoted(names.notNull)}`;
  const isPromoted = (now: TableFacts): boolean => columnOf(now, column)?.nullable === false;
  const check = (now: TableFacts) => now.checks.find(({ name }) => name === names.notNull);
  const isClean = (now: TableFacts): boolean => check(now) === undefined && !isPresent(now, names);
  const validate = validation(
    facts,
    names.notNull,
    (now) => isPromoted(now) || check(now)?.validated === true,
  );
  return {
    blockers: [
      ...tightenBlockers(operation, facts, [column]),
      ...(operation.repair === null && !isPromoted(facts)
        ? [
            warning(
              'no-repair',
              `From expand on, no row whose ${column} is NULL can be written, the ones that are there included.`,
              'Give the operation a repair, unless there is none and no running version writes NULL.',
            ),
          ]
        : []),
    ],
    expand: [
      {
        id: 'add-check',
        mode: 'transaction',
        statements: [
          ...(check(facts) === undefined
            ? [
                `alter table ${table} add constraint ${quoted(names.notNull)} check (${quoted(column)} is not null) not valid`,
              ]
            : []),
          // Behind it, because it takes the weaker lock: a lock that is raised later is how two sessions deadlock.
          ...(trigger === null ? [] : createTrigger(facts, trigger)),
        ],
        locks: locks(facts, 'ACCESS EXCLUSIVE'),
        isDone: (now) =>
          isPromoted(now) ||
          (check(now) !== undefined && (trigger === null || isInstalled(now, trigger))),
      },
    ],
    rows: rowsOf(operation, violated),
    verify: [validate],
    contract: [
      validate,
      {
        id: 'set-not-null',
        mode: 'transaction',
        statements: [
          drop.trigger,
          findCovered(covered, 'set-not-null')?.sql ??
            `alter table ${table} alter column ${quoted(column)} set not null`,
          dropCheck,
          drop.function,
        ],
        locks: locks(facts, 'ACCESS EXCLUSIVE'),
        isDone: (now) => isPromoted(now) && isClean(now),
      },
    ],
    undo: [
      {
        id: 'drop-check',
        mode: 'transaction',
        statements: [drop.trigger, dropCheck, drop.function],
        locks: locks(facts, 'ACCESS EXCLUSIVE'),
        isDone: isClean,
      },
    ],
  };
}

/** CHECK and FOREIGN KEY: the covered ADD CONSTRAINT as NOT VALID, validated when no row violates it any more. There is nothing to promote. */
function validatedRecipe(
  operation: TightenConstraint,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): Recipe {
  const { rule } = operation;
  const names = objectNames(operation);
  const table = qualified(facts.table);
  const added = findCovered(covered, 'add-constraint');
  const name = constraintName(operation, facts, added?.alteration.name ?? null);
  const violated = violation(rule, facts);
  // A foreign key is not asked again when another column of an orphan is written: there is nothing to keep off.
  const trigger =
    rule.kind === 'foreign-key' ? null : repairTrigger(operation, names, facts, violated);
  const drop = dropTrigger(facts, names);
  const validated = (now: TableFacts): boolean | null =>
    (rule.kind === 'foreign-key'
      ? now.foreignKeys.find((key) => key.name === name && key.direction === 'out')
      : now.checks.find((check) => check.name === name)
    )?.validated ?? null;
  const mode = rule.kind === 'foreign-key' ? 'SHARE ROW EXCLUSIVE' : 'ACCESS EXCLUSIVE';
  const taken = [
    ...locks(facts, mode),
    ...(rule.kind === 'foreign-key'
      ? [{ object: { kind: 'table', ...rule.references.table }, mode, work: 'metadata' } as const]
      : []),
  ];
  const putAway: OperationAction = {
    id: 'drop-repair',
    mode: 'transaction',
    statements: [drop.trigger, drop.function],
    locks: locks(facts, 'ACCESS EXCLUSIVE'),
    isDone: (now) => !isPresent(now, names),
  };
  return {
    blockers: [
      ...tightenBlockers(operation, facts, columnsOf(operation)),
      ...constraintBlockers(operation, facts, covered, name),
    ],
    expand: [
      {
        id: 'add-constraint',
        mode: 'transaction',
        statements: [
          ...(validated(facts) === null && name !== null
            ? [addNotValid(operation, facts, name, added)]
            : []),
          ...(trigger === null ? [] : createTrigger(facts, trigger)),
        ],
        locks: taken,
        isDone: (now) =>
          validated(now) === true ||
          (validated(now) === false && (trigger === null || isInstalled(now, trigger))),
      },
    ],
    rows: rowsOf(operation, violated),
    verify: [
      ...(name === null ? [] : [validation(facts, name, (now) => validated(now) === true)]),
      ...(trigger === null ? [] : [putAway]),
    ],
    contract: [],
    undo: [
      {
        id: 'drop-constraint',
        mode: 'transaction',
        statements: [
          drop.trigger,
          ...(name === null
            ? []
            : [`alter table ${table} drop constraint if exists ${quoted(name)}`]),
          drop.function,
        ],
        locks: taken.map((lock) => ({ ...lock, mode: 'ACCESS EXCLUSIVE' })),
        isDone: (now) => validated(now) === null && !isPresent(now, names),
      },
    ],
  };
}

function rowsOf(operation: TightenConstraint, violated: string): Recipe['rows'] {
  return { set: operation.repair ?? {}, pending: violated, keep: [] };
}

function columnsOf({ rule }: TightenConstraint): readonly string[] {
  switch (rule.kind) {
    case 'not-null':
    case 'max-length':
      return [rule.column];
    case 'unique':
    case 'foreign-key':
      return rule.columns;
    case 'check':
      return [];
  }
}

/** A limit of length has no name in the definition: it is the covered statement's, or that of the CHECK over the column that waits. */
function constraintName(
  { rule }: TightenConstraint,
  facts: TableFacts,
  covered: string | null,
): string | null {
  if (rule.kind !== 'max-length') return 'constraint' in rule ? rule.constraint : null;
  if (covered !== null) return covered;
  const over = facts.checks.filter(
    ({ columns, expression }) =>
      columns.length === 1 && columns[0] === rule.column && /length/i.test(expression),
  );
  return (over.find(({ validated }) => !validated) ?? over[0])?.name ?? null;
}

function addNotValid(
  { rule }: TightenConstraint,
  facts: TableFacts,
  name: string,
  added: { readonly sql: string; readonly alteration: { readonly notValid: boolean } } | null,
): string {
  // A line of its own: the covered text may end in a comment.
  if (added !== null) return added.alteration.notValid ? added.sql : `${added.sql}\nnot valid`;
  const head = `alter table ${qualified(facts.table)} add constraint ${quoted(name)}`;
  switch (rule.kind) {
    case 'check':
      return `${head} check (${rule.expression}) not valid`;
    case 'max-length':
      return `${head} check (char_length(${quoted(rule.column)}) <= ${rule.length}) not valid`;
    case 'foreign-key': {
      const { table, columns } = rule.references;
      const list = (names: readonly string[]): string => names.map(quoted).join(', ');
      return `${head} foreign key (${list(rule.columns)}) references ${qualified(table)} (${list(columns)}) on delete ${rule.onDelete} on update ${rule.onUpdate} not valid`;
    }
    case 'not-null':
    case 'unique':
      return head;
  }
}

function tightenBlockers(
  operation: TightenConstraint,
  facts: TableFacts,
  columns: readonly string[],
): Blocker[] {
  const table = tableBlockers(facts, { ddl: true });
  if (facts.kind === 'missing') return table;
  const repaired = Object.keys(operation.repair ?? {});
  const found = [...table, ...rowBlockers(facts)];
  for (const name of new Set([...columns, ...repaired])) found.push(...columnMissing(facts, name));
  for (const name of repaired)
    if (columnOf(facts, name)?.generated != null)
      found.push(
        error(
          'generated',
          `Column ${name} is generated and cannot be repaired.`,
          'Repair the columns that it is made of.',
        ),
      );
  if (repaired.length > 0) found.push(...triggerBlockers(facts, objectNames(operation)));
  return found;
}

function constraintBlockers(
  { rule }: TightenConstraint,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
  name: string | null,
): Blocker[] {
  if (facts.kind === 'missing') return [];
  if (rule.kind === 'max-length' && (name === null || findCovered(covered, 'set-type') !== null))
    return [
      error(
        'rewrite',
        `A shorter type of ${rule.column} rewrites the table under a lock that stops readers as well.`,
        `Declare a check in schema.ts (char_length(${rule.column}) <= ${rule.length}) and let expand cover its ADD CONSTRAINT, or use changeColumnType.`,
      ),
    ];
  if (rule.kind !== 'foreign-key') return [];
  const found: Blocker[] = [];
  if (facts.kind === 'partitioned' && facts.versionNumber < 180_000)
    found.push(
      error(
        'partitioned',
        'Before Postgres 18 a foreign key of a partitioned table cannot be NOT VALID.',
        'Add it to each partition, then to the table.',
      ),
    );
  const indexed = facts.indexes.some(
    ({ columns, partial, valid }) =>
      valid &&
      !partial &&
      rule.columns.every((column) => columns.slice(0, rule.columns.length).includes(column)),
  );
  if (!indexed)
    found.push(
      warning(
        'no-index',
        `No index begins with ${rule.columns.join(', ')}: each DELETE of a referenced row will scan ${facts.table.name}.`,
        'Add an index by CREATE INDEX CONCURRENTLY.',
      ),
    );
  return found;
}
