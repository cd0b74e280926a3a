import { withTransaction } from '../database/with-transaction.js';
import type { Attempt } from '../ledger/ledger.js';
import { ledgerTable, scopeOf } from '../ledger/location.js';
import { inspectLock } from '../lock/inspect.js';
import type { StatusMigration, StatusResult } from '../migrator.js';
import type { DatabaseObservation } from '../plan/plan.js';
import { lookAtDatabase } from './look.js';
import { withLookingSession, type MigratorEnvironment } from './environment.js';

/** Journal, ledger, attempts and lock as they are now. Read-only, no lock. */
export async function status(
  environment: MigratorEnvironment,
  options: { readonly signal?: AbortSignal } = {},
): Promise<StatusResult> {
  const { database, location } = environment;
  return withLookingSession(environment, options.signal, (session) =>
    withTransaction(session, { readOnly: true }, async () => {
      const { observed, plan } = await lookAtDatabase(environment, session, {});
      const lock = await inspectLock(session, scopeOf(location, session.server), location);
      const { match, ledger, pending } = observed;
      const required = pending.filter(({ impact }) => impact !== 'contract').length;
      return {
        database: database.label,
        server: `${session.server.flavour} ${session.server.version}`,
        ledger: { table: ledgerTable(database.dialect, location), version: ledger.version },
        migrations: match.entries.map((entry) => statusOf(entry.tag, observed)),
        counts: {
          applied: match.entries.filter(
            ({ verdict }) => verdict !== 'pending' && verdict !== 'ambiguous',
          ).length,
          pending: match.entries.filter(({ verdict }) => verdict === 'pending').length,
          required,
          unknown: match.unknown.length,
        },
        ahead: match.unknown.map(({ name, createdAt }) => ({ name, createdAt })),
        lock: {
          scope: lock.scope,
          key: lock.key,
          fence: lock.row?.fence ?? null,
          holder: lock.holder ?? lock.crashed,
          session: lock.session,
          waiters: lock.waiters,
        },
        findings: [
          ...plan.findings,
          ...plan.refusals.map((refusal) => ({
            code: refusal.code,
            severity: 'warning' as const,
            message: `${refusal.message} ${refusal.remedy}`,
            ...(refusal.place.migration !== undefined && { tag: refusal.place.migration }),
          })),
        ],
        requiredPending: required > 0,
      };
    }),
  );
}

function statusOf(tag: string, observed: DatabaseObservation): StatusMigration {
  const match = observed.match.entries.find((entry) => entry.tag === tag);
  const attempt = observed.ledger.attempts.findLast(
    (one) => one.tag === tag && one.kind !== 'repair',
  );
  const parsed = observed.pending.find(({ migration }) => migration.tag === tag);
  return {
    tag,
    verdict: match?.verdict ?? 'pending',
    appliedAt: attempt?.state === 'done' ? attempt.finishedAt : null,
    impact: parsed?.impact ?? attempt?.impact ?? null,
    attempt: attempt === undefined ? null : attemptOf(attempt),
  };
}

function attemptOf(attempt: Attempt): NonNullable<StatusMigration['attempt']> {
  const {
    state,
    statementCursor: cursor,
    statements,
    inFlight,
    errorCode,
    startedAt,
    finishedAt,
  } = attempt;
  return { state, cursor, statements, inFlight, errorCode, startedAt, finishedAt };
}
