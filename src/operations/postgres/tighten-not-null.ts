import { objectNames } from '../object-names.js';
import type { CoveredStatement, Recipe } from '../operation-action.js';
import type { TightenConstraint } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import { warning } from './blockers.js';
import { findCovered } from './find-covered.js';
import { validation } from './index-build.js';
import { repairTrigger } from './repair-trigger.js';
import { columnOf, locks, qualified, quoted } from './sql.js';
import { createTrigger, dropTrigger, isInstalled, isPresent } from './sync-function.js';
import { tightenBlockers, tightenRows } from './tighten-parts.js';
import { violation } from './violation.js';

/**
 * A CHECK stands in for NOT NULL until every row meets it: with it validated, SET NOT NULL needs no scan.
 * Source: PostgreSQL manual, ALTER TABLE, SET NOT NULL (since 12).
 */
export function tightenNotNullRecipe(
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
    rows: tightenRows(operation, violated),
    verify: [validate],
    contract: [
      validate,
      {
        id: 'set-not-null',
        mode: 'transaction',
        statements: [
          drop.trigger,
          findCovered(covered, 'set not null')?.sql ??
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
