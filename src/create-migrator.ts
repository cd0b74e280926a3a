import { hostname } from 'node:os';
import { createDatabase } from './database/create-database.js';
import { RENEW_EVERY_MS } from './fleet/instance.js';
import { thisMachine } from './fleet/machine.js';
import { Registration } from './fleet/registration.js';
import { factsOfBuild } from './fleet/self.js';
import { loadJournal } from './journal/load-journal.js';
import { resolveLedgerLocation } from './ledger/location.js';
import type { Migrator } from './migrator.js';
import { runBackfills } from './migrator/backfill-run.js';
import { changeBackfill, listBackfills } from './migrator/backfills.js';
import { baseline } from './migrator/baseline.js';
import { impactReader, phaseReader } from './migrator/build-requirements.js';
import { canRun } from './migrator/can-run.js';
import { manifest } from './migrator/manifest.js';
import { assertOwnManifest } from './migrator/own-manifest.js';
import { emitterOf, type MigratorEnvironment } from './migrator/environment.js';
import { ReplicaReader } from './migrator/replica-reader.js';
import { fleet } from './migrator/fleet.js';
import { phaseOf } from './migrator/operation-named.js';
import { listOperations, undo } from './migrator/operations.js';
import { addOperation } from './migrator/operation-add.js';
import { down, redo } from './migrator/down.js';
import { lint, split } from './migrator/lint.js';
import { makeDownFile } from './migrator/make-down.js';
import { plan } from './migrator/plan.js';
import { repair } from './migrator/repair.js';
import { status } from './migrator/status.js';
import { unlock } from './migrator/unlock.js';
import { up } from './migrator/up.js';
import { verify } from './migrator/verify.js';
import { wait } from './migrator/wait.js';
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
    journal: () => {
      const journal = loadJournal(resolved.migrationsFolder, resolved.migrationsGiven);
      const { fleet, database } = resolved;
      if (journal.manifest !== undefined)
        assertOwnManifest(journal.manifest, journal.folder, fleet.service, database.dialect);
      return journal;
    },
  };
  let operationStates: ReadonlyMap<string, OperationState> | null = null;
  const readiness = readinessOf(environment, (states) => {
    operationStates = states;
  });
  return {
    name: resolved.name,
    up: (given) => up(environment, given),
    down: (given) => down(environment, given),
    redo: (given) => redo(environment, given),
    plan: (given) => plan(environment, given),
    status: (given) => status(environment, given),
    verify: (given) => verify(environment, given),
    baseline: (tag, given) => baseline(environment, tag, given),
    repair: (tag, resolution, given) => repair(environment, tag, resolution, given),
    unlock: (given) => unlock(environment, given),
    lint: (given) => lint(environment, given),
    split: async (tag) => split(environment, tag),
    makeDown: async (tag, given) => makeDownFile(environment, tag, given),
    wait: (given) => wait(environment, given),
    fleet: (given) => fleet(environment, given),
    canRun: (given) => canRun(environment, given),
    manifest: (given) => manifest(environment, given),
    operations: {
      phase: (name) => phaseOf(environment, operationStates, name),
      list: (given) => listOperations(environment, given),
      add: (name, given) => addOperation(environment, name, given),
      undo: (name, given) => undo(environment, name, given),
    },
    backfills: {
      run: (given) => runBackfills(environment, given),
      list: (given) => listBackfills(environment, given),
      pause: (name, given) => changeBackfill(environment, name, { want: 'pause' }, given),
      resume: (name, given) => changeBackfill(environment, name, { want: 'run' }, given),
      cancel: (name, given) => changeBackfill(environment, name, { want: 'cancel' }, given),
      setRate: (name, maxRowsPerSecond, given) =>
        changeBackfill(environment, name, { maxRowsPerSecond }, given),
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
  const { options } = environment;
  const emit = emitterOf(environment, 'readiness');
  const knowledge = createBuildKnowledge(
    () => Promise.resolve().then(() => environment.journal()),
    impactReader(environment),
    phaseReader(environment),
  );
  const reader = new ReplicaReader(environment, knowledge, registrationOf(environment));
  return createReadinessProbe({
    // Loaded with this file: a read has a deadline, and loading must not use it up.
    observe: async (signal, state) => {
      const observation = await reader.read(signal, state);
      if (observation.kind === 'read') onOperations(observation.operations ?? null);
      return observation;
    },
    leave: (signal) => reader.leave(signal),
    knowledge,
    options: {
      ...options.readiness,
      // A lease is kept by reads: it must not end between two of them.
      readyIntervalMs:
        options.fleet.mode === 'off'
          ? options.readiness.readyIntervalMs
          : Math.min(options.readiness.readyIntervalMs, RENEW_EVERY_MS),
      unregistered: options.fleet.mode === 'required' ? 'down' : 'degraded',
    },
    onTransition: ({ from, to, readiness, code }) =>
      emit({ type: 'readiness.changed', from, to, reasons: readiness.reasons, code }),
  });
}

function registrationOf({ options, location }: MigratorEnvironment): Registration | null {
  const { fleet, build, operations } = options;
  if (fleet.mode === 'off') return null;
  return new Registration(location, (journal) =>
    factsOfBuild(journal, {
      service: fleet.service,
      build,
      host: hostname(),
      machine: thisMachine(),
      pid: process.pid,
      operations: [...operations.keys()],
    }),
  );
}
