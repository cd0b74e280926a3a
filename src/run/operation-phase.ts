import type { Session } from '../database/database.js';
import type { BackfillSpec, Pass, PassResult } from '../backfill/backfill.js';
import { backfillSpecOf } from '../backfill/spec-of.js';
import type { ErrorPlace } from '../errors.js';
import type { OperationStore } from '../ledger/operation-store.js';
import {
  operationChanged,
  operationRefused,
  outOfOrder,
  rowsInTheWay,
  waitsForWorker,
} from '../operations/operation-errors.js';
import type {
  CoveredStatement,
  Recipe,
  RowWork,
  ViolationQueries,
} from '../operations/operation-action.js';
import type { Operation, OperationState, Phase } from '../operations/operation.js';
import { admit, isRowPhase, stateOnceLeft } from '../operations/operation-state.js';
import { phasesOf } from '../operations/phases.js';
import type { TableFacts } from '../operations/table-facts.js';
import { blockersOf } from '../operations/recipe-phases.js';
import { ActionRunner, readTable, type ActionDeps } from './action-runner.js';
import { enterState, leavePhase } from './enter-state.js';
import { lookUnderLadder } from './look-under-ladder.js';
import type { RunContext } from './target.js';

/** What carrying out operations needs besides a run. */
export interface OperationDeps {
  /** By name. */
  readonly registered: ReadonlyMap<string, Operation>;
  readonly store: OperationStore;
  /** Looks at an operation's table as it is now. */
  readonly readFacts: (session: Session, operation: Operation) => Promise<TableFacts>;
  /** What the dialect makes of an operation, of its table as it is and of the statements that a phase covers. */
  readonly recipeOf: (
    operation: Operation,
    facts: TableFacts,
    covered: readonly CoveredStatement[],
  ) => Recipe;
  /** Identifies the definition. */
  readonly specHash: (operation: Operation) => string;
  /** What stands on record of the definition. */
  readonly specOf: (operation: Operation) => Readonly<Record<string, unknown>>;
  /** Forgets how far the rows were gone through. */
  readonly forget: (session: Session, operation: string) => Promise<void>;
  /** Works with rows while no worker of this ledger does; waits for one that is at work. */
  readonly aloneWithRows: <T>(context: RunContext, work: () => Promise<T>) => Promise<T>;
  /** Goes through the rows. */
  readonly runPass: (spec: BackfillSpec, pass: Pass, context: RunContext) => Promise<PassResult>;
}

/** One phase that is to be carried out. */
export interface PhaseWork {
  readonly operation: Operation;
  readonly phase: Phase;
  readonly covered: readonly CoveredStatement[];
  readonly tag: string | null;
  readonly place: ErrorPlace;
  /** Whether a phase that goes through rows is not run but left to a worker. */
  readonly leave: boolean;
  /** Called when it is on record that the phase has begun, before its first action. @default nobody asks */
  readonly onBegun?: () => Promise<void>;
}

/**
 * Carries out one phase: whether it may run is asked of the record, what there is to do of the catalogue. Run again after a crash it
 * ends in the same state.
 *
 * @throws {MigratorError} `OPERATION_OUT_OF_ORDER`, `OPERATION_CHANGED`, `OPERATION_REFUSED`, `ROWS_IN_THE_WAY`, and what actions and passes throw
 */
export async function runPhase(
  work: PhaseWork,
  deps: OperationDeps,
  actions: ActionDeps,
): Promise<void> {
  const { operation, phase, place, tag } = work;
  const { context } = actions;
  const { session } = context.lock;
  const began = performance.now();
  const records = await deps.store.read(session);
  const record = records.find(({ name }) => name === operation.name);
  const state = (record?.state ?? 'planned') as OperationState;
  const specHash = deps.specHash(operation);
  if (record !== undefined && state !== 'undone' && record.specHash !== specHash) {
    throw operationChanged(operation.name, state, place);
  }
  const leftToWorker = record?.leftToWorker ?? [];
  const admission = admit({ state, leftToWorker }, phase, phasesOf(operation), work.leave);
  switch (admission.kind) {
    case 'past':
      return;
    case 'too-early':
      throw admission.left
        ? waitsForWorker(operation.name, phase, admission.missing, null, place)
        : outOfOrder(operation.name, phase, admission.missing, place);
    case 'left':
      if (!isRowPhase(phase)) throw new TypeError(`${phase} goes through no rows`);
      await leavePhase(operation, stateOnceLeft(state), phase, deps, context.lock);
      return;
    case 'run':
  }
  const facts = await readTable(operation.name, actions);
  const recipe = deps.recipeOf(operation, facts, work.covered);
  const blockers = blockersOf(recipe, phase);
  if (blockers.length > 0) throw operationRefused(operation.name, phase, blockers, place);

  const enter = (next: OperationState, pending: number | null): Promise<void> =>
    enterState(operation, next, pending, deps, context.lock);
  context.emit({ type: 'operation.started', operation: operation.name, phase, tag });
  // A contract that its rows refuse has dropped nothing: it has to be one that can still be taken back.
  const begins = phase === 'contract' && state !== 'contracting';
  const counted = begins ? await verified(work, recipe, facts, deps, actions) : undefined;
  await enter(admission.during, record?.pending ?? null);
  await work.onBegun?.();
  const pending = await carryOut(work, recipe, facts, deps, actions, counted);
  await enter(admission.after, pending ?? record?.pending ?? null);
  context.emit({
    type: 'operation.finished',
    operation: operation.name,
    phase,
    state: admission.after,
    durationMs: Math.round(performance.now() - began),
  });
}

/**
 * @param counted what a count of the rows has found that was made right before; absent = none was
 * @returns rows that a verification found to be still to do; null = none was run
 */
async function carryOut(
  work: PhaseWork,
  recipe: Recipe,
  facts: TableFacts,
  deps: OperationDeps,
  actions: ActionDeps,
  counted?: number | null,
): Promise<number | null> {
  const { operation, phase, covered } = work;
  const { context } = actions;
  const runner = new ActionRunner(operation.name, phase, actions);
  const through = (pass: Pass, rows: RowWork): Promise<PassResult> =>
    deps.runPass(backfillSpecOf(operation, facts, rows), pass, context);
  switch (phase) {
    case 'expand':
      await runner.run(recipe.expand);
      return null;
    case 'backfill':
      if (writesRows(operation, recipe.rows)) await through('backfill', recipe.rows);
      return null;
    case 'verify': {
      const pending = await verified(work, recipe, facts, deps, actions);
      await runner.run(recipe.verify);
      return pending;
    }
    case 'contract': {
      if (recipe.recovery != null) {
        await runner.run(recipe.recovery.actions);
        const { failures } = await through('reverse', recipe.recovery.rows);
        // What was passed over on the way back would be dropped on the way forth.
        if (failures.length > 0) {
          const sample = failures.map(({ key }) => key);
          throw rowsInTheWay(operation, phase, { pending: failures.length, sample }, work.place);
        }
        // What there is to do now shows in the catalogue as it is now.
        const now = await readTable(operation.name, actions);
        const anew = deps.recipeOf(operation, now, covered);
        return carryOut(work, { ...anew, recovery: null }, now, deps, actions);
      }
      // Once more, because the trigger may have been bypassed since: nothing is dropped that holds what the other column lacks.
      const pending =
        counted === undefined ? await verified(work, recipe, facts, deps, actions) : counted;
      await runner.run(recipe.contract);
      return pending;
    }
  }
}

/**
 * Counts what is still to be done, and goes on at zero only. What writers have left since the backfill verify does itself, for the backfill
 * is past and nobody else would, but never over a value: which of two columns is right is nobody's here to say. Contract writes no rows.
 *
 * @returns 0, or null where no row by itself can be told
 * @throws {MigratorError} `ROWS_IN_THE_WAY`
 */
async function verified(
  { operation, phase, place }: PhaseWork,
  { rows, violations }: Recipe,
  facts: TableFacts,
  deps: OperationDeps,
  actions: ActionDeps,
): Promise<number | null> {
  const { context } = actions;
  if (violations != null) {
    const look = { operation: operation.name, what: 'count-rows' } as const;
    const found = await lookUnderLadder(look, actions, () =>
      countViolations(context.lock.session, violations),
    );
    if (found.pending > 0) throw rowsInTheWay(operation, phase, found, place);
  }
  if (rows === null || rows.pending === null) return null;
  const spec = backfillSpecOf(operation, facts, rows);
  let found = await deps.runPass(spec, 'verify', context);
  const repair =
    rows.unfilled === undefined
      ? spec
      : { ...spec, pending: `(${rows.pending}) and (${rows.unfilled})` };
  let goesOn = phase === 'verify' && writesRows(operation, rows);
  while (found.pending > 0 && goesOn) {
    // One that was begun before leaves what came to be behind its cursor to the next, which begins at the first row.
    goesOn = (await deps.runPass(repair, 'backfill', context)).resumed;
    found = await deps.runPass(spec, 'verify', context);
  }
  if (found.pending > 0) throw rowsInTheWay(operation, phase, found, place);
  return 0;
}

/** Whether going through the rows changes any: by assignment, or by the operation's own function. */
function writesRows(operation: Operation, rows: RowWork | null): rows is RowWork {
  return rows !== null && (operation.kind === 'backfill' || Object.keys(rows.set).length > 0);
}

/** Rows that break a rule which no predicate over one row can tell, such as duplicates. */
async function countViolations(
  session: Session,
  { count, sample }: ViolationQueries,
): Promise<{ readonly pending: number; readonly sample: readonly (readonly string[])[] }> {
  const [row] = await session.query(count);
  const pending = Number(Object.values(row ?? {})[0] ?? 0);
  if (pending === 0 || sample === null) return { pending, sample: [] };
  const keys = await session.query(sample);
  return { pending, sample: keys.map((key) => Object.values(key).map(String)) };
}
