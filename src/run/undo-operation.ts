import type { OperationRow } from '../ledger/operation-store.js';
import { operationChanged, operationRefused } from '../operations/operation-errors.js';
import type { Operation, OperationState } from '../operations/operation.js';
import { isUndoable } from '../operations/operation-state.js';
import { ActionRunner, readTable, type ActionDeps } from './action-runner.js';
import { enterState } from './enter-state.js';
import type { OperationDeps } from './operation-phase.js';
import { refuseWithoutRights, undoFailure } from './undo-failure.js';

/**
 * Whether an operation may be taken back. Pure.
 *
 * @returns what it is in
 * @throws {MigratorError} `OPERATION_CHANGED`: what undo drops is named by the definition, and by another one it would be somebody else's;
 *   `OPERATION_REFUSED` where nothing is begun, or contract is
 */
export function undoableState(
  operation: Operation,
  records: readonly OperationRow[],
  specHash: string,
): OperationState {
  const { name } = operation;
  const record = records.find((one) => one.name === name);
  const state = (record?.state ?? 'planned') as OperationState;
  if (isUndoable(state)) {
    if (record?.specHash !== specHash) throw operationChanged(name, state, {});
    return state;
  }
  const begun = state === 'contracting' || state === 'done';
  const blocker = begun
    ? {
        code: 'past-the-point-of-no-return',
        message: `Its contract ${state === 'done' ? 'is through' : 'has begun'}, and what that drops nothing brings back.`,
        remedy:
          state === 'done'
            ? 'Go forward: a new migration, or an operation of its own, makes what you need.'
            : 'Go forward: nest-migrate up finishes it.',
      }
    : {
        code: 'nothing-to-undo',
        message: `It is ${state} in this database.`,
        remedy: 'nest-migrate operation list shows what is begun.',
      };
  throw operationRefused(name, 'undo', [{ ...blocker, severity: 'error' }], {});
}

/**
 * Takes an operation back to the schema from before its expand.
 *
 * @param consents rejects while somebody runs who needs the new form; asked once it is on record that it goes
 * @returns what it was in
 * @throws {MigratorError} as {@link undoableState}, `MISSING_PRIVILEGE` before anything is touched, and what came in the way of its actions:
 *   `LOCK_TIMEOUT`, `MISSING_PRIVILEGE`, `MIGRATION_FAILED`
 */
export async function undoOperation(
  operation: Operation,
  deps: OperationDeps,
  actions: ActionDeps,
  consents: () => Promise<void>,
): Promise<OperationState> {
  const { context } = actions;
  const { session } = context.lock;
  const { name } = operation;
  const began = performance.now();
  const records = await deps.store.read(session);
  const from = undoableState(operation, records, deps.specHash(operation));
  const record = records.find((one) => one.name === name);
  const pending = record?.pending ?? null;
  const runner = new ActionRunner(name, 'undo', actions);
  let state = from;
  try {
    const facts = await readTable(name, actions);
    const recipe = deps.recipeOf(operation, facts, []);
    refuseWithoutRights(operation, recipe, facts, session.server);
    context.emit({ type: 'operation.started', operation: name, phase: 'undo', tag: null });
    // Who boots from here on reads that it goes, and is not ready; who came before is on the registry. What was begun had its consent.
    const back = from === 'undoing' ? (record?.announcedFrom ?? null) : from;
    if (back !== null) {
      const before = back as OperationState;
      await enterState(operation, 'undoing', pending, deps, context.lock, before);
      state = before;
      try {
        await consents();
      } catch (error) {
        await enterState(operation, before, pending, deps, context.lock);
        throw error;
      }
      await enterState(operation, 'undoing', null, deps, context.lock);
    }
    state = 'undoing';
    await runner.run(recipe.undo);
    await deps.forget(session, name);
    await enterState(operation, 'undone', null, deps, context.lock);
  } catch (error) {
    throw undoFailure(error, { operation, state, action: runner.at, server: session.server });
  }
  context.emit({
    type: 'operation.finished',
    operation: name,
    phase: 'undo',
    state: 'undone',
    durationMs: Math.round(performance.now() - began),
  });
  return from;
}
