import { randomUUID } from 'node:crypto';
import { isMigratorError, type MigratorError } from '../errors.js';
import { NO_FLEET } from '../fleet/fleet.js';
import { missingGrants } from '../ledger/missing-grants.js';
import type { AppliedMigration, UpOptions, UpResult } from '../migrator.js';
import { describeDeferred } from '../plan/gate-actions.js';
import type { MigrationAction } from '../plan/plan.js';
import type { Emit, Finding } from '../run-events.js';
import { assertAllowed } from '../run/engine.js';
import type { Session } from '../database/database.js';
import { announced, type Announcement } from './announced.js';
import { assertKnownTag, emitterOf, signalOr, type MigratorEnvironment } from './environment.js';
import { linted } from './lint.js';
import { targetOf } from './look.js';
import { runTarget } from './run-target.js';
import { untilConsent } from './until-consent.js';

/** Applies what is pending, as the single runner. */
export async function up(
  environment: MigratorEnvironment,
  options: UpOptions = {},
): Promise<UpResult> {
  const runId = randomUUID();
  const applied: string[] = [];
  const send = emitterOf(environment, runId);
  const emit: Emit = (event) => {
    if (event.type === 'migration.finished') applied.push(event.tag);
    send(event);
  };
  const { build } = environment.options;
  const announcement: Announcement = {
    ...{ command: 'up', unit: 'migration', build, emit },
    applied: () => applied.length,
  };
  const run = (sinceMs: () => number): Promise<UpResult> =>
    runUp(environment, options, runId, emit, sinceMs);
  const { waitFleetMs = 0 } = options;
  try {
    return await announced(announcement, (sinceMs) =>
      waitFleetMs > 0 ? untilConsent(environment, options, emit, () => run(sinceMs)) : run(sinceMs),
    );
  } catch (error) {
    throw isMigratorError(error) && applied.length > 0 ? withApplied(error, applied) : error;
  }
}

async function runUp(
  environment: MigratorEnvironment,
  options: UpOptions,
  runId: string,
  emit: Emit,
  sinceMs: () => number,
): Promise<UpResult> {
  const { options: resolved, location } = environment;
  const journal = environment.journal();
  if (options.to !== undefined) assertKnownTag(journal, options.to);
  const stop = signalOr(options.signal);
  const target = linted(environment, targetOf(environment, journal, options));
  let findings: readonly Finding[] = [];

  /** Whether nothing is left to do. Something pending is for the lock's holder to look into: others would do it for nothing. */
  const isCurrent = async (session: Session): Promise<boolean> => {
    const observed = await target.observeIfCurrent({ session, signal: stop });
    if (observed === null) return false;
    const plan = target.plan(observed, NO_FLEET);
    assertAllowed(plan.refusals);
    findings = plan.findings;
    // Tables of ours that are missing, and who was added to grantTo since: both are seen to under the lock, by what makes our tables.
    return (
      session.server.readOnly ||
      (observed.ledger.bootstrapped &&
        (await missingGrants(session, location, resolved.grantTo)).length === 0)
    );
  };

  try {
    const locked = await runTarget(environment, target, {
      ...{ runId, emit, stop, isCurrent },
      said: options,
    });
    const waitedMs = Math.round(locked.waitedMs);
    if (!locked.ran) {
      return {
        outcome: 'nothing-to-do',
        applied: [],
        deferred: [],
        findings,
        fence: null,
        waitedMs,
        durationMs: sinceMs(),
      };
    }
    const applied = locked.value.done.map(({ action, result }) =>
      appliedOf(action, result.durationMs),
    );
    return {
      outcome: applied.length > 0 ? 'applied' : 'nothing-to-do',
      applied,
      deferred: locked.value.deferred.map(describeDeferred),
      findings: locked.value.findings,
      fence: locked.fence,
      waitedMs,
      durationMs: sinceMs(),
    };
  } finally {
    await target.close();
  }
}

function appliedOf(action: MigrationAction, durationMs: number): AppliedMigration {
  return {
    tag: action.id,
    impact: action.impact,
    statements: action.migration.statements.length,
    durationMs,
    resumedFrom: action.resume?.position ?? 0,
  };
}

/** What a run that failed had applied by then: its result is lost with it, and this must not be. */
function withApplied(error: MigratorError, applied: readonly string[]): MigratorError {
  return error.restated({ details: { ...error.details, applied } });
}
