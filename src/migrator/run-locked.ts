import { randomUUID } from 'node:crypto';
import type { Session } from '../database/database.js';
import { withTransaction } from '../database/with-transaction.js';
import type { Journal, Migration } from '../journal/journal.js';
import { ledgerWriter, type LedgerWriter, type MigrationFacts } from '../ledger/ledger-writer.js';
import type { LedgerSnapshot, LedgerVersion } from '../ledger/ledger.js';
import { withMigrationLock } from '../lock/with-lock.js';
import type { DatabaseObservation } from '../plan/plan.js';
import { assertAllowed } from '../run/engine.js';
import type { MigratorError } from '../errors.js';
import { emitterOf, signalOr, type MigratorEnvironment } from './environment.js';
import { lockOptionsOf } from './lock-options.js';
import { targetOf } from './look.js';

/** What a command that corrects the ledger works with, under lock and fence. */
export interface LockedLedger {
  readonly session: Session;
  readonly writer: LedgerWriter;
  readonly observed: DatabaseObservation;
}

/**
 * Takes the lock as a run does and hands over a writer, in one transaction with what it writes.
 *
 * @param check what speaks against it; asked under the lock before anything is created
 */
export async function withLockedLedger<T>(
  environment: MigratorEnvironment,
  command: string,
  options: { readonly waitMs?: number; readonly signal?: AbortSignal },
  check: (observed: DatabaseObservation) => readonly MigratorError[],
  body: (locked: LockedLedger) => Promise<T>,
): Promise<T> {
  const { options: resolved, location } = environment;
  const runId = randomUUID();
  const journal: Journal = environment.journal();
  const stop = signalOr(options.signal);
  const target = targetOf(environment, journal);
  const observe = (session: Session): Promise<DatabaseObservation> =>
    target.observe({ session, signal: stop });
  const locked = await withMigrationLock<T>(
    lockOptionsOf(environment, {
      runId,
      app: `nest-migrate ${command}`,
      journal,
      emit: emitterOf(environment, runId),
      signal: stop,
      waitMs: options.waitMs,
      check: async (session) => assertAllowed(check(await observe(session))),
    }),
    () => Promise.resolve(false),
    async (lock) => {
      const observed = await observe(lock.session);
      assertAllowed(check(observed));
      const writer = ledgerWriter({
        session: lock.session,
        location,
        version: ledgerVersion(observed.ledger),
        scope: lock.scope,
        fence: lock.fence,
        fenceCheck: lock.fenceCheck,
        runner: runId,
        build: resolved.build,
        actor: resolved.actor,
      });
      return withTransaction(lock.session, {}, () =>
        body({ session: lock.session, writer, observed }),
      );
    },
  );
  if (!locked.ran) throw new TypeError('nothing asked whether the ledger is current');
  return locked.value;
}

/** What goes on record about a migration that is not run: its file as it is now. */
export function factsOf(migration: Migration, tokenChecksum: string | null): MigrationFacts {
  return {
    tag: migration.tag,
    fileChecksum: migration.checksum,
    tokenChecksum,
    createdAtMs: migration.createdAtMs,
    impact: null,
    requires: null,
    statements: 0,
  };
}

function ledgerVersion({ version }: LedgerSnapshot): LedgerVersion {
  if (version === null) throw new TypeError('the bootstrap made no ledger');
  return version;
}
