import { randomUUID } from 'node:crypto';
import { MigratorError, isMigratorError } from '../errors.js';
import { NO_FLEET, type FleetView } from '../fleet/fleet.js';
import { tendRegistry } from '../fleet/registry.js';
import { withMigrationLock } from '../lock/with-lock.js';
import type { DownOptions, DownResult, RedoResult, RevertedMigration } from '../migrator.js';
import type { MigrationAction } from '../plan/plan.js';
import { isOfABegunRun } from '../plan/refusals.js';
import { describePlan } from '../plan/describe-plan.js';
import type { DownPlan } from '../plan/plan-down.js';
import { assertAllowed, runnable, type DoneAction, type TargetReport } from '../run/engine.js';
import { downTarget, type DownTarget } from '../run/down-target.js';
import type { Emit } from '../run-events.js';
import type { Session } from '../database/database.js';
import { announced } from './announced.js';
import {
  assertKnownTag,
  emitterOf,
  signalOr,
  withLookingSession,
  type MigratorEnvironment,
} from './environment.js';
import { lockOptionsOf } from './lock-options.js';
import { lookAtFleet } from './look-at-fleet.js';
import { targetParts } from './look.js';
import { appName, reasonOf } from './run-words.js';
import { status } from './status.js';
import { up } from './up.js';

/**
 * Goes back to a migration, as the single runner.
 *
 * @param only the one migration that is meant to go; null = all behind it
 */
export async function down(
  environment: MigratorEnvironment,
  options: DownOptions,
  only: string | null = null,
): Promise<DownResult> {
  const { to } = options;
  const journal = environment.journal();
  if (to !== null) assertKnownTag(journal, to);
  const target = downTarget({
    ...targetParts(environment, journal),
    request: { to, only, contracts: options.contracts ?? 'refuse', command: commandOf(to) },
  });
  try {
    return options.dryRun === true
      ? await dryRun(environment, options, target)
      : await run(environment, options, target);
  } finally {
    await target.close();
  }
}

async function run(
  environment: MigratorEnvironment,
  options: DownOptions,
  target: DownTarget,
): Promise<DownResult> {
  const { options: resolved } = environment;
  const runId = randomUUID();
  const reverted: string[] = [];
  const send = emitterOf(environment, runId);
  const emit: Emit = (event) => {
    if (event.type === 'migration.finished') reverted.push(event.tag);
    send(event);
  };
  const stop = signalOr(options.signal);
  const fleetOf = (session: Session): Promise<FleetView> =>
    lookAtFleet(environment, session, options, { signal: stop });
  const announcement = {
    ...({ command: 'down', unit: 'reversal', build: resolved.build, emit } as const),
    applied: () => reverted.length,
  };
  try {
    return await announced(announcement, async (sinceMs) => {
      const locked = await withMigrationLock<TargetReport<MigrationAction>>(
        lockOptionsOf(environment, {
          runId,
          app: appName(resolved.name),
          journal: environment.journal(),
          emit,
          signal: stop,
          waitMs: options.waitMs,
          withoutCoordinator: options.withoutCoordinator === true,
          check: async (session) => {
            const { refusals } = await planned(target, session, stop, fleetOf);
            assertAllowed(refusals.filter((refusal) => !isOfABegunRun(refusal)));
          },
        }),
        () => Promise.resolve(false),
        async (lock) => {
          await tendRegistry(lock, environment.location, options.fleetConfirmed === true);
          return runnable(target).run({
            lock,
            signal: AbortSignal.any([stop, lock.lost]),
            emit,
            runner: runId,
            build: resolved.build,
            actor: resolved.actor,
            reason: reasonOf(options, resolved.coordinator !== null),
            fleet: () => fleetOf(lock.session),
          });
        },
      );
      if (!locked.ran) throw new TypeError('nothing asked whether the ledger is current');
      const { done, findings } = locked.value;
      return {
        outcome: done.length > 0 ? 'reverted' : 'nothing-to-do',
        reverted: done.map(revertedOf),
        planned: [],
        findings,
        fence: locked.fence,
        waitedMs: Math.round(locked.waitedMs),
        durationMs: sinceMs(),
      };
    });
  } catch (error) {
    if (!isMigratorError(error) || reverted.length === 0) throw error;
    throw error.restated({ details: { ...error.details, reverted } });
  }
}

/** What would be done, without lock and without a write. */
async function dryRun(
  environment: MigratorEnvironment,
  options: DownOptions,
  target: DownTarget,
): Promise<DownResult> {
  const began = performance.now();
  const signal = signalOr(options.signal);
  const plan = await withLookingSession(environment, signal, (session) =>
    planned(target, session, signal, (looking) =>
      lookAtFleet(environment, looking, options, { signal }),
    ),
  );
  assertAllowed(plan.refusals);
  return {
    outcome: 'dry-run',
    reverted: [],
    planned: describePlan({ actions: plan.actions, phases: [] }, { sql: false }),
    findings: plan.findings,
    fence: null,
    waitedMs: 0,
    durationMs: Math.round(performance.now() - began),
  };
}

async function planned(
  target: DownTarget,
  session: Session,
  signal: AbortSignal,
  fleetOf: (session: Session) => Promise<FleetView>,
): Promise<DownPlan> {
  const observed = await target.observe({ session, signal });
  return target.plan(observed, target.asksFleet(observed) ? await fleetOf(session) : NO_FLEET);
}

/** Reverts the last migration and applies it again. */
export async function redo(
  environment: MigratorEnvironment,
  options: Omit<DownOptions, 'to' | 'dryRun'> = {},
): Promise<RedoResult> {
  const { migrations } = await status(environment, { signal: signalOr(options.signal) });
  const applied = migrations.filter(({ verdict }) => verdict !== 'pending');
  const last = applied.at(-1);
  if (last === undefined) throw nothingToRedo();
  const next = migrations[migrations.indexOf(last) + 1];
  if (next !== undefined) throw somethingPending(last.tag, next.tag);
  const to = applied.at(-2)?.tag ?? null;
  const back = await down(environment, { ...options, to }, last.tag);
  const { contracts: _contracts, ...said } = options;
  return { tag: last.tag, down: back, up: await up(environment, { ...said, to: last.tag }) };
}

/** Which one is meant is not certain: after a redo whose second half failed, it is the one that is pending. */
function somethingPending(last: string, next: string): MigratorError {
  return new MigratorError('USAGE', {
    message: `${next} is pending behind ${last}, the last migration that is applied: redo would revert ${last} and not ${next}.`,
    place: { migration: next },
    state: 'Nothing was changed.',
    remedy: `nest-migrate up applies ${next}; nest-migrate redo does it again then. To revert ${last} all the same: nest-migrate down --to <the migration before it>.`,
  });
}

function nothingToRedo(): MigratorError {
  return new MigratorError('USAGE', {
    message: 'No migration of this folder is applied: there is nothing to do again.',
    state: 'Nothing was changed.',
    remedy: 'nest-migrate up applies what is pending.',
  });
}

function commandOf(to: string | null): string {
  return `nest-migrate down --to ${to ?? 'none'}`;
}

function revertedOf({ action, result }: DoneAction<MigrationAction>): RevertedMigration {
  return {
    tag: action.id,
    statements: action.migration.statements.length,
    durationMs: result.durationMs,
    resumedFrom: action.resume?.position ?? 0,
  };
}
