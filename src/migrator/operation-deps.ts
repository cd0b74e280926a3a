import { runPass } from '../backfill/run-pass.js';
import { OperationStore } from '../ledger/operation-store.js';
import { backfillScopeOf, scopeOf } from '../ledger/location.js';
import { LedgerProgressStore } from '../ledger/progress-store.js';
import { withinLock } from '../lock/within-lock.js';
import { specHash, specOf } from '../operations/operation-spec.js';
import { recipeOf } from '../operations/recipe-of.js';
import type { OperationDeps } from '../run/operation-phase.js';
import { readFacts } from '../run/read-facts.js';
import type { MigratorEnvironment } from './environment.js';

/**
 * What the phases of this migrator's operations are carried out with.
 *
 * @param waitMs milliseconds to wait for a worker that is at rows; default = `lock.waitMs` of the options
 */
export function operationDepsOf(
  environment: MigratorEnvironment,
  waitMs = environment.options.lock.waitMs,
): OperationDeps {
  const { options, location, database } = environment;
  return {
    registered: options.operations,
    store: new OperationStore(location),
    readFacts: (session, { table }) => readFacts(session, table),
    recipeOf,
    specHash,
    specOf,
    forget: (session, operation) =>
      new LedgerProgressStore(location, scopeOf(location, session.server)).forget(
        session,
        operation,
      ),
    aloneWithRows: ({ lock, signal, emit }, work) =>
      withinLock(
        lock,
        {
          ...options.lock,
          waitMs,
          database,
          location,
          scope: backfillScopeOf(location, lock.session.server),
          signal,
          onWait: (holder, waitedMs) => emit({ type: 'lock.waiting', holder, waitedMs }),
          onPredecessor: (holder, action) => emit({ type: 'lock.predecessor', holder, action }),
        },
        work,
      ),
    runPass: (spec, pass, { lock, signal, emit }) =>
      runPass(spec, pass, {
        lock,
        signal,
        emit,
        // The lock may be a worker's, which has a scope of its own.
        store: new LedgerProgressStore(location, scopeOf(location, lock.session.server)),
        openWorker: (name) => database.connect({ role: 'runner', applicationName: name, signal }),
      }),
  };
}
