import { completedPhases, completedWith } from '../operations/operation-state.js';
import type { OperationState, Phase } from '../operations/operation.js';
import { down, reason, type Ground } from './ground.js';

/** Which phases of one operation the journal of this build calls. */
export interface CalledPhases {
  readonly name: string;
  readonly phases: ReadonlySet<Phase>;
}

/**
 * Row 4a. A build whose journal ends an operation reads the new form alone, so that the rows must be through; one whose journal only begins it needs no more
 * than that it was begun, and cannot live with its end. An operation that is not on record was never run here: its covered statements were.
 *
 * @param declared whether a newer build has left word, by `@requires`, that this one can live with what it did: then that word counts
 */
export function operationGrounds(
  called: readonly CalledPhases[],
  states: ReadonlyMap<string, OperationState>,
  declared = false,
): Ground[] {
  const known = called.flatMap(({ name, phases }) => {
    const state = states.get(name);
    return state === undefined ? [] : [{ name, phases, state }];
  });
  const notReady = known.filter(({ phases, state }) => completedPhases(state) < needed(phases));
  const contracted = known.filter(
    ({ phases, state }) =>
      !declared &&
      phases.has('expand') &&
      !phases.has('contract') &&
      (state === 'contracting' || state === 'done'),
  );
  return [
    ...(notReady.length > 0 ? [down(reason('operation_not_ready', namesOf(notReady)))] : []),
    ...(contracted.length > 0 ? [down(reason('operation_contracted', namesOf(contracted)))] : []),
  ];
}

/** How many phases must be complete. */
function needed(phases: ReadonlySet<Phase>): number {
  const before = [...phases].filter((phase) => phase !== 'contract').map(completedWith);
  if (phases.has('contract')) return Math.max(0, ...before);
  return phases.has('expand') ? completedWith('expand') : 0;
}

function namesOf(operations: readonly { readonly name: string }[]): string[] {
  return operations.map(({ name }) => name);
}
