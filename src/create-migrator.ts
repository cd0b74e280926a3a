import { createDatabase } from './database/create-database.js';
import { loadJournal } from './journal/load-journal.js';
import { parseMigration } from './journal/parse-migration.js';
import type { WantChange } from './backfill/backfill.js';
import { resolveLedgerLocation } from './ledger/location.js';
import type { Migrator } from './migrator.js';
import { emitterOf, type MigratorEnvironment } from './migrator/environment.js';
import { observeForReadiness } from './migrator/observe-readiness.js';
import { phaseOf } from './migrator/operation-named.js';
import type { MigratorOptions } from './options.js';
import { createBuildKnowledge } from './readiness/knowledge.js';
import { createReadinessProbe } from './readiness/refresher.js';
import type { OperationState } from './operations/operation.js';
import { resolveOptions } from './resolve-options.js';

/**
 * Makes everything one can do with one database and one Drizzle Kit folder. The composition root: nothing connects before a
 * method is called, nothing is shared between two values.
 *
 * @throws {MigratorError} `CONFIGURATION`, `UNSUPPORTED_DIALECT`
 * @example
 * const migrator = createMigrator({ database: { dialect: 'postgresql', url: process.env.DATABASE_URL }, migrations: './drizzle' });
 * await migrator.up();
 * await migrator.close();
 */
export function createMigrator(options: MigratorOptions): Migrator {
  const resolved = resolveOptions(options);
  const environment: MigratorEnvironment = {
    options: resolved,
    database: createDatabase(resolved.database),
    location: resolveLedgerLocation(resolved.database.dialect, resolved),
    listeners: new Set(resolved.listeners),
    fleet: { mode: 'none' },
    journal: () => loadJournal(resolved.migrationsFolder, resolved.migrationsGiven),
  };
  let operationStates: ReadonlyMap<string, OperationState> | null = null;
  const readiness = readinessOf(environment, (states) => {
    operationStates = states;
  });
  const changeBackfill = async (
    name: string,
    change: WantChange,
    given?: { readonly signal?: AbortSignal },
  ) => (await import('./migrator/backfills.js')).changeBackfill(environment, name, change, given);
  // Each is loaded when it is called: a replica that only asks for readiness has no use for what migrates.
  return {
    name: resolved.name,
    up: async (given) => (await import('./migrator/up.js')).up(environment, given),
    plan: async (given) => (await import('./migrator/plan.js')).plan(environment, given),
    status: async (given) => (await import('./migrator/status.js')).status(environment, given),
    verify: async (given) => (await import('./migrator/verify.js')).verify(environment, given),
    baseline: async (tag, given) =>
      (await import('./migrator/baseline.js')).baseline(environment, tag, given),
    repair: async (tag, resolution, given) =>
      (await import('./migrator/repair.js')).repair(environment, tag, resolution, given),
    unlock: async (given) => (await import('./migrator/unlock.js')).unlock(environment, given),
    lint: async (given) => (await import('./migrator/lint.js')).lint(environment, given),
    split: async (tag) => (await import('./migrator/lint.js')).split(environment, tag),
    wait: async (given) => (await import('./migrator/wait.js')).wait(environment, given),
    operations: {
      phase: (name) => phaseOf(environment, operationStates, name),
      list: async (given) =>
        (await import('./migrator/operations.js')).listOperations(environment, given),
      add: async (name, given) =>
        (await import('./migrator/operation-add.js')).addOperation(environment, name, given),
      undo: async (name, given) =>
        (await import('./migrator/operations.js')).undo(environment, name, given),
    },
    backfills: {
      list: async (given) =>
        (await import('./migrator/backfills.js')).listBackfills(environment, given),
      pause: (name, given) => changeBackfill(name, { want: 'pause' }, given),
      resume: (name, given) => changeBackfill(name, { want: 'run' }, given),
      cancel: (name, given) => changeBackfill(name, { want: 'cancel' }, given),
      setRate: (name, maxRowsPerSecond, given) => changeBackfill(name, { maxRowsPerSecond }, given),
    },
    readiness,
    onEvent(listener) {
      environment.listeners.add(listener);
      return () => environment.listeners.delete(listener);
    },
    async close() {
      await readiness.stop();
      await resolved.coordinator?.close();
      await environment.database.close();
    },
  };
}

function readinessOf(
  environment: MigratorEnvironment,
  onOperations: (states: ReadonlyMap<string, OperationState> | null) => void,
) {
  const { options, database } = environment;
  const emit = emitterOf(environment, 'readiness');
  const knowledge = createBuildKnowledge(
    () => Promise.resolve().then(() => environment.journal()),
    (migration) =>
      parseMigration(migration, {
        dialect: database.dialect,
        codeMigrations: new Set(options.codeMigrations.keys()),
        operations: new Set(options.operations.keys()),
      }).impact,
  );
  return createReadinessProbe({
    // Loaded with this file: a read has a deadline, and loading must not use it up.
    observe: async (signal) => {
      const observation = await observeForReadiness(environment, knowledge, signal);
      if (observation.kind === 'read') onOperations(observation.operations ?? null);
      return observation;
    },
    knowledge,
    options: options.readiness,
    onTransition: ({ from, to, readiness, code }) =>
      emit({ type: 'readiness.changed', from, to, reasons: readiness.reasons, code }),
  });
}
