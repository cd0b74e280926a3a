import { MigratorError, type ErrorPlace } from '../errors.js';
import type { Blocker } from './operation-action.js';
import type { OperationState, Phase } from './operation.js';

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
): MigratorError {
  return new MigratorError('OPERATION_OUT_OF_ORDER', {
    message: `Operation ${name} cannot ${phase} yet: ${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} not been run in this database.`,
    place,
    state: 'Nothing was executed.',
    remedy: `Put ${missing.map((each) => `"-- @operation ${name} ${each}"`).join(', ')} before it, in this migration or an earlier one.`,
    details: { missing },
  });
}

/** Rows that do not meet what the next step needs. */
export function rowsInTheWay(
  name: string,
  phase: Phase,
  found: {
    readonly pending: number;
    readonly sample: readonly (readonly string[])[];
  },
  place: ErrorPlace,
): MigratorError {
  return new MigratorError('ROWS_IN_THE_WAY', {
    message: `Operation ${name} cannot ${phase}: ${found.pending} row(s) are still to be done. Keys of some: ${found.sample.map((key) => `(${key.join(', ')})`).join(', ')}.`,
    place,
    state: 'What was done stays; nothing was dropped.',
    remedy: `Mend those rows, or run the backfill again: nest-migrate up (it goes on where it stopped).`,
    details: { pending: found.pending, sample: found.sample.map((key) => [...key]) },
  });
}
