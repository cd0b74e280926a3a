import type { ParsedMigration } from '../journal/journal.js';
import type { LedgerSnapshot } from '../ledger/ledger.js';
import type { Operation } from '../operations/operation.js';
import { phasesOf } from '../operations/phases.js';
import { gotSomewhere } from './got-somewhere.js';
import type { ObservedOperations } from './plan-operations.js';
import { stepsOf, WITH_DATA, withoutData } from './steps.js';

/** What it is decided by. */
interface Situation {
  readonly pending: readonly ParsedMigration[];
  readonly ledger: Pick<LedgerSnapshot, 'empty' | 'attempts'>;
  readonly operations: Pick<
    ObservedOperations,
    'registered' | 'records' | 'ranAsStatements' | 'withoutRows'
  >;
  readonly scratch: boolean;
}

/**
 * Operations whose `@operation` lines are comments in this database, so that the statements below them simply run. Pure.
 *
 * | database | operation | its lines |
 * | --- | --- | --- |
 * | told to be a test's | any | comments |
 * | empty | the pending migrations begin it and do not end it | carried out: a build may write the new form alone, and what keeps the old one equal has to be there from the first row on |
 * | empty | any other | comments |
 * | with data | its earlier lines were comments, there is no row in its table, and the pending migrations end it | comments: a first run that goes on |
 * | with data | any other | carried out |
 */
export function operationsAsStatements(situation: Situation): ReadonlySet<string> {
  const { pending, ledger, operations, scratch } = situation;
  const called = new Set(
    pending.flatMap((one) => one.directives.operations.map(({ name }) => name)),
  );
  if (scratch) return called;
  if (ledger.empty)
    return new Set([...called].filter((name) => !isOpen(pending, operations.registered.get(name))));
  const halfWay = pending.filter((one) => isHalfWayAsStatements(one, ledger));
  const begun = new Set([
    ...operations.ranAsStatements.keys(),
    ...halfWay.flatMap((one) => one.directives.operations.map(({ name }) => name)),
  ]);
  return new Set(
    [...begun].filter(
      (name) =>
        called.has(name) &&
        !operations.records.has(name) &&
        operations.withoutRows.has(name) &&
        !isOpen(pending, operations.registered.get(name)),
    ),
  );
}

/** Whether these migrations leave an operation without its end. */
function isOpen(migrations: readonly ParsedMigration[], operation: Operation | undefined): boolean {
  if (operation === undefined) return false;
  const last = [...phasesOf(operation)].at(-1);
  return !migrations.some(({ directives }) =>
    directives.operations.some(({ name, phase }) => name === operation.name && phase === last),
  );
}

/** A run that met no data got into it, and stopped. */
function isHalfWayAsStatements(
  parsed: ParsedMigration,
  { attempts }: Pick<LedgerSnapshot, 'attempts'>,
): boolean {
  const { tag } = parsed.migration;
  const begun = attempts.findLast((one) => one.kind === 'migration' && one.tag === tag);
  if (begun === undefined || begun.state === 'done' || !gotSomewhere(begun)) return false;
  return (
    stepsOf(parsed, withoutData()).length === begun.statements &&
    stepsOf(parsed, WITH_DATA).length !== begun.statements
  );
}
