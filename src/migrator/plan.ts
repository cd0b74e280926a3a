import { withTransaction } from '../database/with-transaction.js';
import { inspectLock } from '../lock/inspect.js';
import { scopeOf } from '../ledger/location.js';
import type { PlanResult } from '../migrator.js';
import type { BackfillsBy } from '../plan/plan.js';
import { describeDeferred } from '../plan/gate-actions.js';
import { requiredPending } from '../plan/required-pending.js';
import { describePlan } from '../plan/describe-plan.js';
import { withLint } from '../lint/lint-policy.js';
import { optionsFor } from './lint.js';
import { lookAtDatabase } from './look.js';
import { withLookingSession, type MigratorEnvironment } from './environment.js';

/** What `up` would do. A read-only transaction, no lock; a read-only role will do. */
export async function plan(
  environment: MigratorEnvironment,
  options: {
    readonly to?: string;
    readonly backupRef?: string;
    readonly backfills?: BackfillsBy;
    readonly allowDowntime?: boolean;
    readonly fleetConfirmed?: boolean;
    readonly sql?: boolean;
    readonly signal?: AbortSignal;
  } = {},
): Promise<PlanResult> {
  const { location } = environment;
  return withLookingSession(environment, options.signal, (session) =>
    withTransaction(session, { readOnly: true }, async () => {
      const { plan: bare, observed } = await lookAtDatabase(environment, session, {
        ...options,
        said: options,
        inTransaction: true,
      });
      const found = withLint(bare, environment.options.policies.lint, optionsFor(session.server));
      const lock = await inspectLock(session, scopeOf(location, session.server), location);
      return {
        migrations: describePlan(found, { sql: options.sql === true }),
        deferred: found.deferred.map(describeDeferred),
        findings: found.findings,
        refusals: found.refusals.map((refusal) => refusal.toJSON()),
        requiredPending: requiredPending(observed).length > 0,
        lockedBy: lock.holder,
      };
    }),
  );
}
