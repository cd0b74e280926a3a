import { withTransaction } from '../database/with-transaction.js';
import type { VerifyResult } from '../migrator.js';
import { assertAllowed } from '../run/engine.js';
import { lookAtDatabase } from './look.js';
import type { MigratorEnvironment } from './environment.js';
import { withLookingSession } from './environment.js';

/** Files against ledger: throws the first thing that `up` would refuse for the journal's sake, lists the rest. */
export async function verify(
  environment: MigratorEnvironment,
  options: { readonly signal?: AbortSignal } = {},
): Promise<VerifyResult> {
  return withLookingSession(environment, options.signal, (session) =>
    withTransaction(session, { readOnly: true }, async () => {
      const { plan, observed } = await lookAtDatabase(environment, session, {
        inTransaction: true,
      });
      assertAllowed(plan.refusals.filter((refusal) => refusal.exitCode === 4));
      return { checked: observed.journal.migrations.length, findings: plan.findings };
    }),
  );
}
