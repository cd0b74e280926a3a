import type { Operation, OperationState, Phase } from './operation.js';

/** An operation as one database has it on record. */
export interface OperationRecord {
  readonly name: string;
  readonly kind: Operation['kind'];
  readonly state: OperationState;
  /** SHA-256 of the spec that expand was run with. */
  readonly specHash: string;
  /** Rows that the last verification found to be still to do; null = none was run. */
  readonly pending: number | null;
  /** By the database's clock, ISO. */
  readonly enteredAt: string;
}

/** What an operation is in while a phase runs, and afterwards. */
const STATES: Readonly<
  Record<Phase, { readonly during: OperationState; readonly after: OperationState }>
> = {
  expand: { during: 'expanding', after: 'expanded' },
  backfill: { during: 'backfilling', after: 'backfilled' },
  verify: { during: 'backfilled', after: 'verified' },
  contract: { during: 'contracting', after: 'done' },
};

/** How far along each state is, counted in completed phases. */
const COMPLETED: Readonly<Record<OperationState, number>> = {
  planned: 0,
  expanding: 0,
  undoing: 0,
  undone: 0,
  expanded: 1,
  backfilling: 1,
  backfilled: 2,
  verified: 3,
  contracting: 3,
  done: 4,
};

const PHASES: readonly Phase[] = ['expand', 'backfill', 'verify', 'contract'];

/** How many phases are complete in a state, from expand on. */
export function completedPhases(state: OperationState): number {
  return COMPLETED[state];
}

/** How many phases are complete once this one is. */
export function completedWith(phase: Phase): number {
  return PHASES.indexOf(phase) + 1;
}

/** The phases that go through rows, and that `up` may leave to a worker, in their order. */
export const ROW_PHASES = ['backfill', 'verify'] as const satisfies readonly Phase[];

/** A phase that goes through rows. */
export type RowPhase = (typeof ROW_PHASES)[number];

/** Where an operation stands, and which of its phases `up` has left to a worker. */
export interface Standing {
  readonly state: OperationState;
  readonly leftToWorker: readonly Phase[];
}

/** Whether a phase may run now. */
export type Admission =
  /** It may; it may have been begun before. */
  | { readonly kind: 'run'; readonly during: OperationState; readonly after: OperationState }
  /** This database is past it. */
  | { readonly kind: 'past' }
  /** It is for a worker to run. */
  | { readonly kind: 'left' }
  /** Phases that have to be run first; `left` = a worker is to run one of them. */
  | { readonly kind: 'too-early'; readonly missing: readonly Phase[]; readonly left: boolean };

/**
 * Whether a phase of an operation may run in the state it is in. Pure.
 *
 * | state says | answer |
 * | --- | --- |
 * | this phase and perhaps later ones are complete | past |
 * | rows are a worker's, this phase goes through them, and what is missing before it has nothing to do or is left to a worker | left |
 * | all before it are complete | run |
 * | what is missing before it has nothing to do in this operation | run |
 * | else | too early |
 *
 * @param phases those in which this operation has something to do
 * @param leave whether phases that go through rows are left to a worker
 */
export function admit(
  { state, leftToWorker }: Standing,
  phase: Phase,
  phases: ReadonlySet<Phase>,
  leave: boolean,
): Admission {
  const position = PHASES.indexOf(phase);
  const completed = COMPLETED[state];
  if (completed > position) return { kind: 'past' };
  const missing = PHASES.slice(completed, position).filter((earlier) => phases.has(earlier));
  const unaccounted = missing.filter((earlier) => !leftToWorker.includes(earlier));
  if (leave && isRowPhase(phase) && unaccounted.length === 0) return { kind: 'left' };
  if (missing.length === 0) return { kind: 'run', ...STATES[phase] };
  return { kind: 'too-early', missing, left: unaccounted.length === 0 };
}

/** Whether a phase goes through rows. */
export function isRowPhase(phase: Phase): phase is RowPhase {
  return ROW_PHASES.some((each) => each === phase);
}

/** What an operation is in when a phase of it is left to a worker: where expand has nothing to do, nobody else says that it is over. */
export function stateOnceLeft(state: OperationState): OperationState {
  return COMPLETED[state] === 0 ? 'expanded' : state;
}

/** Phases that were left to a worker and that nobody has completed, in their order. What is being taken back has none. */
export function phasesLeft({ state, leftToWorker }: Standing): readonly RowPhase[] {
  const completed = COMPLETED[state];
  if (completed === 0) return [];
  return ROW_PHASES.filter(
    (phase) => leftToWorker.includes(phase) && completed <= PHASES.indexOf(phase),
  );
}

/** Whether everything that was done can still be taken back without loss. */
export function isUndoable(state: OperationState): boolean {
  return state !== 'planned' && state !== 'undone' && state !== 'contracting' && state !== 'done';
}
