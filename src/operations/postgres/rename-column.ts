import type { AddColumn } from '../../statements/table-changes/table-change.js';
import { objectNames } from '../object-names.js';
import type { Blocker, CoveredStatement, OperationAction, Recipe } from '../operation-action.js';
import type { RenameColumn } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import {
  columnMissing,
  dependentBlockers,
  error,
  mentionWarnings,
  rowBlockers,
  tableBlockers,
  triggerBlockers,
  warning,
} from './blockers.js';
import { constantDefault } from './constant-default.js';
import { dropNewColumn } from './drop-new-column.js';
import { findCovered } from './find-covered.js';
import { inSync, type Pair } from './in-sync.js';
import { sameType } from './same-type.js';
import { columnOf, locks, qualified, quoted } from './sql.js';
import {
  createTrigger,
  dropTrigger,
  isInstalled,
  isPresent,
  syncBody,
  type RowTrigger,
} from './sync-function.js';

/**
 * Two columns and a trigger that keeps them equal, until one of them goes.
 *
 * Contract: `drop-old` where the covered statement drops the old column, which is what it does; `swap` where it is a RENAME, or nothing is
 * covered: the new column goes and the old one takes its name, so that indexes, keys, views and checks follow by themselves.
 */
export function renameColumnRecipe(
  operation: RenameColumn,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): Recipe {
  const { from, to } = operation;
  const names = objectNames(operation);
  const table = qualified(facts.table);
  const old = columnOf(facts, from);
  const added = findCovered(covered, 'add column');
  const dropped = findCovered(covered, 'drop column');
  const pair: Pair = {
    old: from,
    new: to,
    up: (value) => value,
    down: null,
    loose: { old: old?.looseEquality ?? false, new: old?.looseEquality ?? false },
  };
  // The new column's own default is known by the covered statement first, and by the catalogue once it is there.
  const newDefault = added?.change.default ?? columnOf(facts, to)?.default ?? null;
  const body = syncBody(pair, operation, table, {
    old,
    new: newDefault === null || /^null$/i.test(newDefault) ? null : newDefault,
  });
  const trigger: RowTrigger = { names, body, searchPath: 'pg_catalog' };
  const drop = dropTrigger(facts, names);
  const expanded = isPresent(facts, names);

  const expand: OperationAction = {
    id: 'add-column',
    mode: 'transaction',
    statements: [
      ...(columnOf(facts, to) === null ? [added?.sql ?? addColumn(facts, operation)] : []),
      ...createTrigger(facts, trigger),
    ],
    locks: locks(facts, 'ACCESS EXCLUSIVE'),
    isDone: (now) => {
      const [one, other] = [columnOf(now, from), columnOf(now, to)];
      return (
        one !== null &&
        other !== null &&
        sameType(one.type, other.type) &&
        isInstalled(now, trigger)
      );
    },
  };
  const isGone = (now: TableFacts): boolean =>
    columnOf(now, from) === null && columnOf(now, to) !== null && !isPresent(now, names);
  const contract: OperationAction =
    dropped === null
      ? {
          id: 'swap',
          mode: 'transaction',
          statements: [
            drop.trigger,
            `alter table ${table} drop column ${quoted(to)}`,
            `alter table ${table} rename column ${quoted(from)} to ${quoted(to)}`,
            drop.function,
          ],
          locks: locks(facts, 'ACCESS EXCLUSIVE'),
          isDone: isGone,
        }
      : {
          id: 'drop-old',
          mode: 'transaction',
          statements: [drop.trigger, dropped.sql, drop.function],
          locks: locks(facts, 'ACCESS EXCLUSIVE'),
          isDone: isGone,
        };
  return {
    blockers: blockers(operation, facts, {
      added: added?.change ?? null,
      drops: dropped !== null,
      expanded,
    }),
    expand: [expand],
    rows:
      old === null
        ? null
        : {
            set: { [to]: pair.up(quoted(from)) },
            pending: `not (${inSync(pair, quoted(from), quoted(to))})`,
            unfilled: `${quoted(to)} is null`,
            keep: [],
          },
    verify: [],
    contract: [contract],
    undo: [dropNewColumn(facts, names, to)],
  };
}

function addColumn(facts: TableFacts, { from, to }: RenameColumn): string {
  const old = columnOf(facts, from);
  const collation = old === null || old.collation === null ? '' : ` collate ${old.collation}`;
  return `alter table ${qualified(facts.table)} add column ${quoted(to)} ${old?.type ?? 'text'}${collation}`;
}

interface Situation {
  readonly added: AddColumn | null;
  /** Whether the covered statement drops the old column. */
  readonly drops: boolean;
  readonly expanded: boolean;
}

function blockers(operation: RenameColumn, facts: TableFacts, now: Situation): Blocker[] {
  const { from, to } = operation;
  const names = objectNames(operation);
  const old = columnOf(facts, from);
  const table = tableBlockers(facts, { ddl: true });
  if (facts.kind === 'missing') return table;
  // After contract the old column is gone and nothing of ours is left.
  if (old === null && columnOf(facts, to) !== null && !now.expanded) return table;
  const found = [
    ...table,
    ...rowBlockers(facts),
    ...triggerBlockers(facts, names),
    ...columnMissing(facts, from),
  ];
  if (old === null) return found;
  if (old.generated !== null || old.identity)
    found.push(
      error(
        old.identity ? 'identity' : 'generated',
        `Column ${from} gets its values from the database, which no second column can follow.`,
        'Rename it with ALTER TABLE ... RENAME COLUMN, while no older version of the application runs.',
      ),
    );
  if (columnOf(facts, to) !== null && !now.expanded)
    found.push(
      error(
        'column-exists',
        `${qualified(facts.table)} has a column ${to} already, without the trigger of this operation.`,
        'Drop that column, or give the operation another name for the new one.',
      ),
    );
  if (now.added !== null) found.push(...addedBlockers(facts, operation, now.added));
  found.push(...contractBlockers(facts, operation, now), ...mentionWarnings(facts, from));
  if (!now.expanded) found.push(...windowWarnings(facts, from, to));
  return found;
}

/** Whether the ADD COLUMN that the kit generated can stand beside the old column. */
function addedBlockers(facts: TableFacts, { from, to }: RenameColumn, added: AddColumn): Blocker[] {
  const old = columnOf(facts, from);
  const found: Blocker[] = [];
  if (old !== null && !sameType(old.type, added.type))
    found.push(
      error(
        'type-differs',
        `Column ${to} would be ${added.type}, and ${from} is ${old.type}.`,
        'Give both the same type, or use changeColumnType.',
      ),
    );
  const filled = added.default !== null && !/^null$/i.test(added.default);
  if (added.notNull !== null && (!filled || old?.nullable !== false))
    found.push(
      error(
        'not-null',
        `Column ${to} would be NOT NULL before it has values.`,
        'Let it be nullable in schema.ts until contract, then use tightenNotNull.',
      ),
    );
  if (filled && constantDefault(added.default ?? '') === null)
    found.push(
      error(
        'computed-default',
        `The default of column ${to} is computed for each row: adding it could rewrite the table, and it could not be told from what was written.`,
        'Leave the default away until contract.',
      ),
    );
  const clauses = [...(added.generated ? ['generated'] : []), ...added.inline];
  if (clauses.length > 0)
    found.push(
      error(
        'clauses',
        `The ADD COLUMN of ${to} has ${clauses.join(', ').toUpperCase()} as well, which may scan or lock more than this table's definition.`,
        'Leave it away here, and add it by a statement of its own.',
      ),
    );
  return found;
}

/** What would keep contract from dropping a column: known before expand, it can be put away in the meantime. */
function contractBlockers(
  facts: TableFacts,
  { from, to }: RenameColumn,
  now: Situation,
): Blocker[] {
  const dropsOld = now.drops || (!now.expanded && now.added !== null);
  if (!dropsOld)
    return dependentBlockers(facts, {
      column: to,
      phase: 'contract',
      severity: 'error',
      remedy: `Drop it before contract, and make it again after: column ${to} goes, and ${from} takes its name.`,
    });
  return dependentBlockers(facts, {
    column: from,
    phase: 'contract',
    severity: now.drops ? 'error' : 'warning',
    remedy: `Point it to column ${to} before contract, or let contract be a RENAME COLUMN, which it would follow.`,
  });
}

/** What goes on differently while both columns are there. */
function windowWarnings(facts: TableFacts, from: string, to: string): Blocker[] {
  const published = facts.postgres?.publishedWhole ?? [];
  const listed = facts.dependents.filter(
    ({ kind, columns }) => kind === 'publication' && columns.includes(from),
  );
  return [
    ...published.map((name) =>
      warning(
        'publication',
        `Publication ${name} will send column ${to} as well.`,
        'Add the column on its subscribers first, or their replication stops.',
      ),
    ),
    ...listed.map(({ name }) =>
      warning(
        'publication',
        `Publication ${name} sends column ${from} and will not send ${to}.`,
        'Add the new column to it, and on its subscribers.',
      ),
    ),
    ...facts.triggers
      .filter(
        ({ columns, events }) => columns?.includes(from) === true && events.includes('update'),
      )
      .map(({ name }) =>
        warning(
          'trigger',
          `Trigger ${name} fires for statements that set ${from}, and not for those that set ${to}.`,
          'Let it fire for both while two versions run.',
        ),
      ),
  ];
}
