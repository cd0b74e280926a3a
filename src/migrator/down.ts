import { randomUUID } from 'node:crypto';
import { MigratorError, isMigratorError } from '../errors.js';
import type { DownOptions, DownResult, RedoResult, RevertedMigration } from './down-contract.js';
import type { MigrationAction } from '../plan/plan.js';
import { describePlan } from '../plan/describe-plan.js';
import { assertAllowed, type DoneAction } from '../run/engine.js';
import { downTarget, type DownTarget } from '../run/down-target.js';
import type { Emit } from '../run-events.js';
import { announced } from './announced.js';
import {
  assertKnownTag,
  emitterOf,
  signalOr,
  withLookingSession,
  type MigratorEnvironment,
} from './environment.js';
import { targetParts } from './look.js';
import { planNow, runTarget } from './run-target.js';
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
  const announcement = {
    ...({ command: 'down', unit: 'reversal', build: resolved.build, emit } as const),
    applied: () => reverted.length,
  };
  try {
    return await announced(announcement, async (sinceMs) => {
      const locked = await runTarget(environment, target, {
        ...{ runId, emit, stop: signalOr(options.signal), said: options },
        // What is to be reverted is asked under the lock: who asks for it has something in mind.
        isCurrent: () => Promise.resolve(false),
      });
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
    planNow(environment, target, session, { said: options, signal }),
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
  const to = applied.at(-2)?.tag ?? null;
  if (next !== undefined) throw somethingPending(last.tag, next.tag, to);
  const back = await down(environment, { ...options, to }, last.tag);
  const { contracts: _contracts, ...said } = options;
  const again = up(environment, { ...said, to: last.tag });
  return { tag: last.tag, down: back, up: await again.catch(tellReverted(last.tag)) };
}

/** The error is `up`'s, and who reads it must know that the first half is done. */
function tellReverted(tag: string): (error: unknown) => never {
  return (error) => {
    if (!isMigratorError(error)) throw error;
    throw error.restated({
      state: `${tag} is reverted and not applied again. ${error.state ?? ''}`.trim(),
      details: { ...error.details, reverted: [tag] },
    });
  };
}

/** Which one is meant is not certain: after a redo whose second half failed, it is the one that is pending. */
function somethingPending(last: string, next: string, before: string | null): MigratorError {
  return new MigratorError('USAGE', {
    message: `${next} is pending behind ${last}, the last migration that is applied: redo would revert ${last} and not ${next}.`,
    place: { migration: next },
    state: 'Nothing was changed.',
    remedy: `nest-migrate up applies ${next}; nest-migrate redo does it again then. To revert ${last} all the same: ${commandOf(before)}`,
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
