import { MigratorError, type ErrorPlace } from '../errors.js';
import type { Blocker } from './operation-action.js';
import { newColumnOf } from './object-names.js';
import type { Operation, OperationState, Phase, Rule } from './operation.js';

/** Things in the way, before anything is touched. */
export function operationRefused(
  name: string,
  phase: Phase | 'undo',
  blockers: readonly Blocker[],
  place: ErrorPlace,
): MigratorError {
  return new MigratorError('OPERATION_REFUSED', {
    message: `Operation ${name} cannot ${phase === 'undo' ? 'be undone' : phase}: ${blockers.map(({ message }) => message).join(' ')}`,
    place,
    state: 'This phase has not touched anything.',
    remedy: blockers.map(({ remedy }) => remedy).join(' '),
    details: { blockers: blockers.map(({ code, message }) => ({ code, message })) },
  });
}

/** The definition is not the one that expand was run with. */
export function operationChanged(
  name: string,
  state: OperationState,
  place: ErrorPlace,
): MigratorError {
  return new MigratorError('OPERATION_CHANGED', {
    message: `The definition of operation ${name} is not the one that this database began it with (it is ${state} here).`,
    place,
    state: 'Nothing was executed.',
    remedy: `Give the definition back what it was, then run the command again. For another one register a new operation under a new name once this one is finished or taken back.`,
  });
}

/** Earlier phases have to come first. */
export function outOfOrder(
  name: string,
  phase: Phase,
  missing: readonly Phase[],
  place: ErrorPlace,
  undone = false,
): MigratorError {
  const have = missing.length === 1 ? 'has' : 'have';
  const lines = missing.map((each) => `"-- @operation ${name} ${each}"`).join(', ');
  return new MigratorError('OPERATION_OUT_OF_ORDER', {
    message: undone
      ? `Operation ${name} cannot ${phase}: it was undone in this database, and ${missing.join(', ')} ${have} not been run since. Migrations that are applied are not run again.`
      : `Operation ${name} cannot ${phase} yet: ${missing.join(', ')} ${have} not been run in this database.`,
    place,
    state: 'Nothing was executed.',
    remedy: undone
      ? `Put ${lines} into a migration that is not applied yet and stands before it: npx drizzle-kit generate --custom, then nest-migrate operation add ${name} --to <its tag>`
      : `Put ${lines} before it, in this migration or an earlier one.`,
    details: { missing },
  });
}

/**
 * Earlier phases stand in a migration that is applied, and whose lines were comments when it ran.
 *
 * @param ran that migration, and the one before it
 */
export function begunAsStatements(
  { name, kind }: Pick<Operation, 'name' | 'kind'>,
  phase: Phase,
  missing: readonly Phase[],
  ran: { readonly tag: string; readonly before: string | null },
  place: ErrorPlace,
): MigratorError {
  const down = `nest-migrate down --to ${ran.before ?? 'none'}`;
  const twoForms = kind === 'rename-column' || kind === 'change-column-type';
  const copy = twoForms
    ? ' What stands in the new form alone goes with that: copy it into the old one first.'
    : '';
  return new MigratorError('OPERATION_OUT_OF_ORDER', {
    message: `Operation ${name} cannot ${phase} yet: ${ran.tag}, which calls ${missing.join(', ')}, ran as plain statements here (under stock migrate(), before a baseline, or without this operation registered)${twoForms ? ', so that no trigger keeps the two forms equal' : ''}.`,
    place,
    state: 'Nothing was executed.',
    remedy: `Have it applied anew, now with the operation.${copy} Then ${down}, which reverts ${ran.tag} and whatever is applied behind it (nest-migrate make-down drafts a down file that is missing), and nest-migrate up. A database whose rows do not count: drop it, and nest-migrate up makes it anew.`,
    details: { missing, migration: ran.tag },
  });
}

/**
 * Earlier phases were left to a worker, and it is not through with them.
 *
 * @param leftBy the migration of the same run that would leave them to it, and the last one before the phase; null = they are on record
 */
export function waitsForWorker(
  name: string,
  phase: Phase,
  missing: readonly Phase[],
  leftBy: { readonly tag: string; readonly upTo: string | null } | null,
  place: ErrorPlace,
): MigratorError {
  const worker = `nest-migrate backfill run ${name}`;
  const remedy =
    leftBy === null
      ? `${worker} carries them out; then run nest-migrate up.`
      : leftBy.upTo === null
        ? `Put "-- @operation ${name} ${phase}" and what it covers into a migration of its own, behind ${leftBy.tag}; or let this run go through the rows: nest-migrate up --backfills up`
        : `nest-migrate up --to ${leftBy.upTo} --backfills worker, then ${worker}, then nest-migrate up; or let this run go through the rows: nest-migrate up --backfills up`;
  const are = missing.length === 1 ? 'is' : 'are';
  return new MigratorError('OPERATION_OUT_OF_ORDER', {
    message: `Operation ${name} cannot ${phase} yet: ${missing.join(', ')} ${are} left to a worker${leftBy === null ? ', which is not through' : ''} (backfills: 'worker').`,
    place,
    state: 'Nothing was executed.',
    remedy,
    details: { missing, leftToWorker: true },
  });
}

/** Rows that do not meet what the next step needs. */
export function rowsInTheWay(
  operation: Operation,
  phase: Phase,
  found: {
    readonly pending: number;
    readonly sample: readonly (readonly string[])[];
  },
  place: ErrorPlace,
): MigratorError {
  const keys = found.sample.map((key) => `(${key.join(', ')})`).join(', ');
  return new MigratorError('ROWS_IN_THE_WAY', {
    message: `Operation ${operation.name} cannot ${phase}: ${found.pending} ${whatIsWrong(operation)}.${keys === '' ? '' : ` Keys of some: ${keys}.`}`,
    place,
    state: 'What was done stays; nothing was dropped.',
    remedy: `${phase === 'verify' ? leftBehind(operation) : ''}${howToMend(operation)}${phase === 'contract' ? ' (contract itself writes no rows)' : ''}, then run nest-migrate up again.`,
    details: { pending: found.pending, sample: found.sample.map((key) => [...key]) },
  });
}

function whatIsWrong(operation: Operation): string {
  if (operation.kind !== 'tighten') return 'row(s) are still to be done';
  const { rule } = operation;
  return rule.kind === 'unique'
    ? `value(s) of ${rule.columns.join(', ')} are in more than one row`
    : 'row(s) violate its rule';
}

/** Why rows are left that verify has gone through itself: another run of it alone would leave them too. */
function leftBehind(operation: Operation): string {
  if (operation.kind === 'tighten' && operation.repair === null) return '';
  const refused =
    operation.backfill.onBadRow === 'skip'
      ? ', or nest-migrate backfill list names them as passed over'
      : '';
  switch (operation.kind) {
    case 'rename-column':
    case 'change-column-type':
      return `What was empty was filled in once more. Of those that are left both columns hold a value, and nothing tells which is the newer: a writer gets past the trigger${refused}. `;
    case 'tighten':
      return `They were repaired once more and are left: the repair does not bring them to the rule, or a writer undoes it${refused}. `;
    case 'backfill':
      return `They were gone through once more and are left: what the operation sets leaves its where true, or a writer undoes it${refused}. `;
  }
}

/** What to do about the rows by hand. */
function howToMend(operation: Operation): string {
  switch (operation.kind) {
    case 'rename-column':
      return `Give ${operation.from} and ${operation.to} of those rows the same value by an UPDATE of your own`;
    case 'change-column-type':
      return `Write ${operation.column} of those rows again by an UPDATE of your own, which takes ${newColumnOf(operation.column)} along`;
    case 'backfill':
      return 'Bring those rows to where the operation wants them by an UPDATE of your own';
    case 'tighten':
      return howToMeet(operation.rule);
  }
}

function howToMeet(rule: Rule): string {
  switch (rule.kind) {
    case 'not-null':
      return `Give ${rule.column} of those rows a value`;
    case 'check':
      return `Change those rows so that they meet CHECK ${rule.constraint}`;
    case 'max-length':
      return `Shorten ${rule.column} of those rows to ${rule.length} characters`;
    case 'unique':
      return `Change or delete all but one of the rows with the same ${rule.columns.join(', ')}`;
    case 'foreign-key':
      return `Add the rows of ${rule.references.table.name} that those refer to, point them elsewhere or delete them`;
  }
}

/** Only what the options name can be carried out. */
export function notRegistered(
  name: string,
  registered: ReadonlyMap<string, Operation>,
): MigratorError {
  const known = [...registered.keys()];
  return new MigratorError('UNKNOWN_OPERATION', {
    message: `No operation named ${name} is registered${known.length > 0 ? `; registered are ${known.join(', ')}` : '; none is registered'}.`,
    remedy:
      'Register it in the option `operations`; the command line knows operations only with --module.',
    state: 'Nothing was changed.',
    details: { name, registered: known },
  });
}
