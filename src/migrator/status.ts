import { withTransaction } from '../database/with-transaction.js';
import type { Attempt } from '../ledger/ledger.js';
import { ledgerTable, scopeOf } from '../ledger/location.js';
import { inspectLock } from '../lock/inspect.js';
import type { StatusMigration, StatusResult } from '../migrator.js';
import { describeDeferred, type Deferred } from '../plan/gate-actions.js';
import type { DatabaseObservation } from '../plan/plan.js';
import { requiredPending } from '../plan/required-pending.js';
import type { Finding } from '../run-events.js';
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
      // Asked together: the server looks at the lock while the journal is read.
      const [lock, { observed, plan }] = await Promise.all([
        inspectLock(session, scopeOf(location, session.server), location),
        lookAtDatabase(environment, session, { inTransaction: true }),
      ]);
      const { match, ledger } = observed;
      const required = requiredPending(observed).length;
      return {
        database: database.label,
        server: `${session.server.flavour} ${session.server.version}`,
        ledger: { table: ledgerTable(database.dialect, location), version: ledger.version },
        migrations: statusesOf(observed),
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
          state: lock.held ? 'held' : lock.crashed === null ? 'free' : 'abandoned',
          holder: lock.holder ?? lock.crashed,
          session: lock.session,
          waiters: lock.waiters,
        },
        findings: [
          ...plan.findings,
          ...plan.deferred.map(deferredFinding),
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

function deferredFinding(deferred: Deferred): Finding {
  const { tag, waitsFor } = describeDeferred(deferred);
  const whom =
    deferred.behind === null ? waitsFor.join('; ') : `what waits before it (${deferred.behind})`;
  return {
    code: 'deferred',
    severity: 'info',
    tag,
    message: `${tag} waits for ${whom}. The next run applies it once they are gone or know it.`,
  };
}

function statusesOf({ match, ledger, pending }: DatabaseObservation): StatusMigration[] {
  // The last attempt of a tag is the one that counts: later ones take its place in the map.
  const attempts = new Map(
    ledger.attempts
      .filter(({ kind }) => kind !== 'repair')
      .map((attempt) => [attempt.tag, attempt]),
  );
  // A way back says nothing of what it reverts.
  const forward = new Map(
    ledger.attempts
      .filter(({ kind }) => kind !== 'repair' && kind !== 'down')
      .map((attempt) => [attempt.tag, attempt]),
  );
  const impacts = new Map(pending.map(({ migration, impact }) => [migration.tag, impact]));
  return match.entries.map(({ tag, verdict }) => {
    const attempt = attempts.get(tag);
    const applied = forward.get(tag);
    return {
      tag,
      verdict,
      appliedAt: applied?.state === 'done' ? applied.finishedAt : null,
      impact: impacts.get(tag) ?? applied?.impact ?? null,
      attempt: attempt === undefined ? null : attemptOf(attempt),
    };
  });
}

function attemptOf(attempt: Attempt): NonNullable<StatusMigration['attempt']> {
  const {
    kind,
    state,
    statementCursor: cursor,
    statements,
    inFlight,
    errorCode,
    startedAt,
    finishedAt,
  } = attempt;
  const way = kind === 'down' ? 'back' : 'on';
  return { way, state, cursor, statements, inFlight, errorCode, startedAt, finishedAt };
}
