import type { Session } from '../database/database.js';
import { NO_FLEET, type FleetView } from '../fleet/fleet.js';
import { tendRegistry } from '../fleet/registry.js';
import { withMigrationLock, type LockedResult } from '../lock/with-lock.js';
import type { UpOptions } from '../migrator.js';
import type { Action } from '../plan/plan.js';
import { isOfABegunRun } from '../plan/refusals.js';
import type { Emit } from '../run-events.js';
import { assertAllowed, runnable, type TargetReport } from '../run/engine.js';
import type { Target, TargetPlan } from '../run/target.js';
import type { MigratorEnvironment } from './environment.js';
import { lockOptionsOf } from './lock-options.js';
import { lookAtFleet } from './look-at-fleet.js';

/** What one run of a target is told. */
export interface TargetRun {
  readonly runId: string;
  readonly emit: Emit;
  readonly stop: AbortSignal;
  readonly said: Pick<
    UpOptions,
    'waitMs' | 'withoutCoordinator' | 'fleetConfirmed' | 'allowDowntime'
  >;
  /** Asked without the lock: whether there is nothing to take it for. */
  readonly isCurrent: (session: Session) => Promise<boolean>;
}

/** Runs a target as the single runner: lock, own tables, registry, then the engine. */
export function runTarget<Observed, A extends Action>(
  environment: MigratorEnvironment,
  target: Target<Observed, A>,
  { runId, emit, stop, said, isCurrent }: TargetRun,
): Promise<LockedResult<TargetReport<A>>> {
  const { options, location } = environment;
  return withMigrationLock<TargetReport<A>>(
    lockOptionsOf(environment, {
      runId,
      app: appName(options.name),
      journal: environment.journal(),
      emit,
      signal: stop,
      waitMs: said.waitMs,
      withoutCoordinator: said.withoutCoordinator === true,
      check: async (session) => {
        // A plan that is refused leaves the database as it was, our own tables included. What an earlier run left is
        // refused later, under the fence: that it was interrupted is to be put on record.
        const { refusals } = await planNow(environment, target, session, { said, signal: stop });
        assertAllowed(refusals.filter((refusal) => !isOfABegunRun(refusal)));
      },
    }),
    isCurrent,
    async (lock) => {
      await tendRegistry(lock, location, said.fleetConfirmed === true);
      return runnable(target).run({
        lock,
        signal: AbortSignal.any([stop, lock.lost]),
        emit,
        runner: runId,
        build: options.build,
        actor: options.actor,
        reason: reasonOf(said, options.coordinator !== null),
        fleet: () => lookAtFleet(environment, lock.session, said, { signal: stop }),
      });
    },
  );
}

/** What a target would do at this moment. Reads only. */
export async function planNow<Observed, A extends Action>(
  environment: MigratorEnvironment,
  target: Target<Observed, A>,
  session: Session,
  { said, signal }: { readonly said: TargetRun['said']; readonly signal: AbortSignal },
): Promise<TargetPlan<A>> {
  const observed = await target.observe({ session, signal });
  const fleet: FleetView = target.asksFleet(observed)
    ? await lookAtFleet(environment, session, said, { signal })
    : NO_FLEET;
  return target.plan(observed, fleet);
}

/** What was said on the command line that is to be found again beside what it led to. */
export function reasonOf(
  options: Pick<UpOptions, 'withoutCoordinator' | 'fleetConfirmed' | 'allowDowntime'>,
  hasCoordinator: boolean,
): string | null {
  const said = [
    ...(options.withoutCoordinator === true && hasCoordinator ? ['without coordinator'] : []),
    ...(options.fleetConfirmed === true ? ['fleet confirmed'] : []),
    ...(options.allowDowntime === true ? ['downtime allowed'] : []),
  ];
  return said.length > 0 ? said.join(', ') : null;
}

/** How runs of this migrator name themselves to those who wait for them. */
function appName(name: string): string {
  return name === 'default' ? 'nest-migrate' : `nest-migrate (${name})`;
}
