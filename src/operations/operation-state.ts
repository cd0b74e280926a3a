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

/** Whether a phase may run now. */
export type Admission =
  /** It may; it may have been begun before. */
  | { readonly kind: 'run'; readonly during: OperationState; readonly after: OperationState }
  /** This database is past it. */
  | { readonly kind: 'past' }
  /** Phases that have to be run first. */
  | { readonly kind: 'too-early'; readonly missing: readonly Phase[] };

/**
 * Whether a phase of an operation may run in the state it is in. Pure.
 *
 * | state says | answer |
 * | --- | --- |
 * | this phase and perhaps later ones are complete | past |
 * | all before it are complete | run |
 * | what is missing before it has nothing to do in this operation | run |
 * | else | too early |
 *
 * @param phases those in which this operation has something to do
 */
export function admit(state: OperationState, phase: Phase, phases: ReadonlySet<Phase>): Admission {
  const position = PHASES.indexOf(phase);
  const completed = COMPLETED[state];
  if (completed > position) return { kind: 'past' };
  const missing = PHASES.slice(completed, position).filter((earlier) => phases.has(earlier));
  if (missing.length > 0) return { kind: 'too-early', missing };
  return { kind: 'run', ...STATES[phase] };
}

/** Whether everything that was done can still be taken back without loss. */
export function isUndoable(state: OperationState): boolean {
  return state !== 'planned' && state !== 'undone' && state !== 'contracting' && state !== 'done';
}
