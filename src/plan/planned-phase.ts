import type { OperationAction } from '../operations/operation-action.js';

/** What a phase that is about to run comes to. */
export interface PlannedPhase {
  /** The migration that calls it. */
  readonly tag: string;
  readonly position: number;
  /** Those that the catalogue does not show to be done; empty = only rows are gone through, or counted. */
  readonly actions: readonly OperationAction[];
  /** False where an earlier phase of the same plan comes first: what there is to do is not known before that has run. */
  readonly known: boolean;
  /** Its table could not be read, because somebody else has it locked; {@link known} is false then. @default false */
  readonly locked?: true;
  /** `up` does not run it but leaves it to a worker. @default false */
  readonly left?: true;
}
