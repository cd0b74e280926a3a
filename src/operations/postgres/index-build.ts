import type { OperationAction } from '../operation-action.js';
import type { TableFacts } from '../table-facts.js';
import { locks, qualified } from './sql.js';

/**
 * Builds an index beside the writers. A try that failed leaves it invalid: `IF NOT EXISTS` would take it for done, and so it is dropped first.
 *
 * @param isDone what makes it unnecessary beside being there: that it was promoted already
 */
export function indexBuild(
  facts: TableFacts,
  index: { readonly id: string; readonly name: string; readonly sql: string },
  isDone: (now: TableFacts) => boolean = () => false,
): OperationAction {
  const found = (now: TableFacts): boolean | null =>
    now.indexes.find(({ name }) => name === index.name)?.valid ?? null;
  const name = qualified({ schema: facts.table.schema, name: index.name });
  return {
    id: index.id,
    mode: 'autocommit',
    waitsForOthers: true,
    statements: [index.sql],
    locks: locks(facts, 'SHARE UPDATE EXCLUSIVE', 'index build'),
    cleanUp: (now) => (found(now) === false ? [`drop index concurrently if exists ${name}`] : []),
    isDone: (now) => found(now) === true || isDone(now),
  };
}

/** Validates a constraint that was added NOT VALID: a scan beside readers and writers, in a transaction of its own. */
export function validation(
  facts: TableFacts,
  constraint: string,
  isDone: (now: TableFacts) => boolean,
): OperationAction {
  return {
    id: `validate-${constraint}`,
    mode: 'autocommit',
    statements: [
      `alter table ${qualified(facts.table)} validate constraint ${qualified({ schema: null, name: constraint })}`,
    ],
    locks: locks(facts, 'SHARE UPDATE EXCLUSIVE', 'scan'),
    isDone,
  };
}
