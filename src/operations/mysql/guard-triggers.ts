import type { ObjectNames } from '../object-names.js';
import type { OperationAction } from '../operation-action.js';
import type { TightenConstraint } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import { createTrigger, dropTrigger, triggerOf, type WantedTrigger } from './alterations.js';
import { inRow } from './row-names.js';
import { quote } from './sql.js';
import { signal } from './sync-trigger.js';

/**
 * Triggers that stand in for a rule until it is promoted, or for good. Those that refuse come behind those that repair, where there is a
 * repair: old versions of the application then go on as before. A row that violated the rule already may be changed otherwise.
 */
export interface Guards {
  /** Makes a violating row a good one; none without a repair. */
  readonly repairing: readonly WantedTrigger[];
  /** Refuses a row that would be a new violator. */
  readonly refusing: readonly WantedTrigger[];
}

/** @param violated SQL over the row's columns that is true for a violating row, and never NULL */
export function guardTriggers(
  { name, repair }: TightenConstraint,
  { prefix, beforeInsert, beforeUpdate }: ObjectNames,
  facts: TableFacts,
  violated: string,
): Guards {
  const now = inRow(violated, facts, 'NEW');
  const before = inRow(violated, facts, 'OLD');
  const refuse = signal(`operation ${name}: the row violates the rule that is being introduced`);
  const assignments = Object.entries(repair ?? {})
    .map(([column, sql]) => `NEW.${quote(column)} = ${inRow(sql, facts, 'NEW')}`)
    .join(', ');
  const mend = `begin if ${now} then set ${assignments}; end if; end`;
  return {
    repairing:
      repair === null
        ? []
        : [
            { name: `zzz_${prefix}_ri`, event: 'insert', body: mend },
            { name: `zzz_${prefix}_ru`, event: 'update', body: mend },
          ],
    refusing: [
      { name: beforeInsert, event: 'insert', body: `begin if ${now} then ${refuse} end if; end` },
      {
        name: beforeUpdate,
        event: 'update',
        body: `begin if ${now} and not (${before}) then ${refuse} end if; end`,
      },
    ],
  };
}

/** Repairing first: triggers of an event run in the order in which they were made. */
export function createGuards(
  { table }: TightenConstraint,
  { repairing, refusing }: Guards,
  isPromoted: (facts: TableFacts) => boolean,
): readonly OperationAction[] {
  return [...repairing, ...refusing].map((wanted) => {
    const action = createTrigger(table, `create-${wanted.name.slice(-2)}`, wanted);
    return { ...action, isDone: (facts) => isPromoted(facts) || action.isDone(facts) };
  });
}

export function dropGuards(
  { table }: TightenConstraint,
  triggers: readonly WantedTrigger[],
): readonly OperationAction[] {
  return triggers.map(({ name }) => dropTrigger(table, `drop-${name.slice(-2)}`, name));
}

/** Whether none of them stands. */
export function areGone(facts: TableFacts, { repairing, refusing }: Guards): boolean {
  return [...repairing, ...refusing].every(({ name }) => triggerOf(facts, name) === undefined);
}
