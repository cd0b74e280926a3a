import type { MigratorError } from '../errors.js';
import { notRegistered } from '../operations/operation-errors.js';
import type { Operation } from '../operations/operation.js';
import { phasesLeft, type RowPhase, type Standing } from '../operations/operation-state.js';
import type { Action } from './plan.js';

/** One phase that `up` has left to a worker. */
export interface LeftPhase extends Action {
  readonly target: 'left-phases';
  /** The operation's name. */
  readonly id: string;
  readonly operation: Operation;
  readonly phase: RowPhase;
}

/** An operation on record, as far as a worker asks. */
export type LeftRecord = Standing & { readonly name: string };

/**
 * What a worker has to do, an operation after the other. Pure. One that it does not have the definition of is refused.
 *
 * @param only the operation that is asked for; null = all
 */
export function planLeftPhases(
  records: readonly LeftRecord[],
  registered: ReadonlyMap<string, Operation>,
  only: string | null,
): { readonly actions: readonly LeftPhase[]; readonly refusals: readonly MigratorError[] } {
  const actions: LeftPhase[] = [];
  const refusals: MigratorError[] = [];
  for (const record of records) {
    if (only !== null && record.name !== only) continue;
    const phases = phasesLeft(record);
    if (phases.length === 0) continue;
    const operation = registered.get(record.name);
    if (operation === undefined) refusals.push(notRegistered(record.name, registered));
    else
      for (const phase of phases)
        actions.push({ target: 'left-phases', id: record.name, operation, phase });
  }
  return { actions, refusals };
}
