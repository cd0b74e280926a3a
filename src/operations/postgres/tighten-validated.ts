import { objectNames } from '../object-names.js';
import type { Blocker, CoveredStatement, OperationAction, Recipe } from '../operation-action.js';
import type { TightenConstraint } from '../operation.js';
import { columnsOfRule } from '../rule-columns.js';
import type { TableFacts } from '../table-facts.js';
import { error, warning } from './blockers.js';
import { findCovered } from './find-covered.js';
import { validation } from './index-build.js';
import { repairTrigger } from './repair-trigger.js';
import { locks, qualified, quoted } from './sql.js';
import { createTrigger, dropTrigger, isInstalled, isPresent } from './sync-function.js';
import { tightenBlockers, tightenRows } from './tighten-parts.js';
import { violation } from './violation.js';

/** CHECK and FOREIGN KEY: the covered ADD CONSTRAINT as NOT VALID, validated when no row violates it any more. There is nothing to promote. */
export function tightenValidatedRecipe(
  operation: TightenConstraint,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): Recipe {
  const { rule } = operation;
  const names = objectNames(operation);
  const table = qualified(facts.table);
  const added = findCovered(covered, 'add constraint');
  const name = constraintName(operation, facts, added?.change.constraint ?? null);
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
      ...tightenBlockers(operation, facts, columnsOfRule(rule)),
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
    rows: tightenRows(operation, violated),
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
  added: { readonly sql: string; readonly change: { readonly notValid: boolean } } | null,
): string {
  // A line of its own: the covered text may end in a comment.
  if (added !== null) return added.change.notValid ? added.sql : `${added.sql}\nnot valid`;
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

function constraintBlockers(
  { rule }: TightenConstraint,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
  name: string | null,
): Blocker[] {
  if (facts.kind === 'missing') return [];
  if (rule.kind === 'max-length' && (name === null || findCovered(covered, 'change type') !== null))
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
