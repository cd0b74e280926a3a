import { createDatabase } from './database/create-database.js';
import { loadJournal } from './journal/load-journal.js';
import { resolveLedgerLocation } from './ledger/location.js';
import type { Migrator } from './migrator.js';
import { emitterOf, type MigratorEnvironment } from './migrator/environment.js';
import { observeForReadiness } from './migrator/observe-readiness.js';
import type { MigratorOptions } from './options.js';
import { createBuildKnowledge } from './readiness/knowledge.js';
import { createReadinessProbe } from './readiness/refresher.js';
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
  const readiness = readinessOf(environment);
  return {
    name: resolved.name,
    // Each command loads what it needs: a replica never loads what executes, and `status` starts in half the time.
    up: async (given) => (await import('./migrator/up.js')).up(environment, given),
    plan: async (given) => (await import('./migrator/plan.js')).plan(environment, given),
    status: async (given) => (await import('./migrator/status.js')).status(environment, given),
    verify: async (given) => (await import('./migrator/verify.js')).verify(environment, given),
    baseline: async (tag, given) =>
      (await import('./migrator/baseline.js')).baseline(environment, tag, given),
    repair: async (tag, resolution, given) =>
      (await import('./migrator/repair.js')).repair(environment, tag, resolution, given),
    unlock: async (given) => (await import('./migrator/unlock.js')).unlock(environment, given),
    wait: async (given) => (await import('./migrator/wait.js')).wait(environment, given),
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

function readinessOf(environment: MigratorEnvironment) {
  const { options, database } = environment;
  const emit = emitterOf(environment, 'readiness');
  const knowledge = createBuildKnowledge(
    () => Promise.resolve().then(() => environment.journal()),
    async (migration) => {
      const { parseMigration } = await import('./journal/parse-migration.js');
      return parseMigration(migration, {
        dialect: database.dialect,
        codeMigrations: new Set(options.codeMigrations.keys()),
      }).impact;
    },
  );
  return createReadinessProbe({
    // Loaded with this file: a read has a deadline, and loading must not use it up.
    observe: (signal) => observeForReadiness(environment, knowledge, signal),
    knowledge,
    options: options.readiness,
    onTransition: ({ from, to, readiness, code }) =>
      emit({ type: 'readiness.changed', from, to, reasons: readiness.reasons, code }),
  });
}
