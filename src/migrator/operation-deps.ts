import { runPass } from '../backfill/run-pass.js';
import { OperationStore } from '../ledger/operation-store.js';
import { scopeOf } from '../ledger/location.js';
import { LedgerProgressStore } from '../ledger/progress-store.js';
import { specHash, specOf } from '../operations/operation-spec.js';
import { recipeOf } from '../operations/recipe-of.js';
import type { OperationDeps } from '../run/operation-phase.js';
import { readFacts } from '../run/read-facts.js';
import type { MigratorEnvironment } from './environment.js';

/** What the phases of this migrator's operations are carried out with. */
export function operationDepsOf(environment: MigratorEnvironment): OperationDeps {
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
    runPass: (spec, pass, { lock, signal, emit }) =>
      runPass(spec, pass, {
        lock,
        signal,
        emit,
        store: new LedgerProgressStore(location, lock.scope),
        openWorker: (name) => database.connect({ role: 'runner', applicationName: name, signal }),
      }),
  };
}
