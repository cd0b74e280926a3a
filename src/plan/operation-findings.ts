import type { Blocker } from '../operations/operation-action.js';
import { isRowPhase } from '../operations/operation-state.js';
import type { Phase } from '../operations/operation.js';
import type { Finding } from '../run-events.js';
import type { MigrationAction, OperationStep } from './plan.js';
import type { PlannedPhase } from './planned-phase.js';

const OF_THE_LOGIN: ReadonlySet<string> = new Set([
  'missing-privilege',
  'row-security',
  'replication-role',
]);

/** Whether a blocker speaks against the login that looked, and not against the table. */
export function isOfTheLogin({ code }: Blocker): boolean {
  return OF_THE_LOGIN.has(code);
}

const ONLOOKER =
  'This is no refusal, because this login may not write the ledger: what the login of the migrations lacks, nest-migrate plan with that one tells.';

/** What a blocker says of a phase that it does not stop. */
export function warningOf(
  { code, message, remedy }: Blocker,
  { name }: OperationStep,
  tag: string,
): Finding {
  return { code, severity: 'warning', message: `${name}: ${message} ${remedy}`, tag };
}

/** The same, where it is the login that looked that it speaks against; see {@link isOfTheLogin}. */
export function warningOfOnlooker(blocker: Blocker, step: OperationStep, tag: string): Finding {
  return warningOf({ ...blocker, remedy: ONLOOKER }, step, tag);
}

/** One remark a migration and operation: what is left to do when the run is through, and by whom. */
export function leftFindings(
  actions: readonly MigrationAction[],
  phases: readonly PlannedPhase[],
): readonly Finding[] {
  return actions.flatMap(({ id: tag, steps, migration }) => {
    const left = new Map<string, Phase[]>();
    for (const step of steps) {
      if (step.kind !== 'operation' || !isRowPhase(step.phase)) continue;
      const planned = phases.find((one) => one.tag === tag && one.position === step.position);
      if (planned?.left !== true) continue;
      left.set(step.name, [...(left.get(step.name) ?? []), step.phase]);
    }
    return [...left].map(([name, each]): Finding => ({
      code: 'left-to-worker',
      severity: 'warning',
      message: `${name}: ${each.join(' and ')} ${each.length === 1 ? 'is' : 'are'} left to a worker, which goes through the rows under a lock of its own: nest-migrate backfill run ${name}`,
      tag,
      file: migration.migration.file,
    }));
  });
}

/** Its table could not be read; what speaks against the phase is said when it is about to run. */
export function notLookedAt({ name, phase }: OperationStep, tag: string): Finding {
  return {
    code: 'operation-not-looked-at',
    severity: 'warning',
    message: `${name}: its table could not be read, because another session has it locked. What ${phase} comes to here, and what speaks against it, nest-migrate plan tells once that session is done.`,
    tag,
  };
}
