import type { Backups } from '../backup/backup.js';
import type { Database } from '../database/database.js';
import type { FleetView } from '../fleet/fleet.js';
import type { Journal } from '../journal/journal.js';
import type { LedgerLocation } from '../ledger/ledger.js';
import type { CodeMigration } from '../options.js';
import type { Operation } from '../operations/operation.js';
import { withBackups, type BackupPolicy } from '../plan/backup.js';
import { planDatabase } from '../plan/plan-database.js';
import { asTold } from '../plan/remarks.js';
import type {
  BackfillsBy,
  DatabaseObservation,
  DatabasePlan,
  MigrationAction,
  Policies,
} from '../plan/plan.js';
import type { ReadBlockers } from './blocker-watch.js';
import { migrationActor } from './migration-actor.js';
import { databaseObserver } from './observe-database.js';
import type { OperationDeps } from './operation-phase.js';
import type { Target } from './target.js';

/** What the database target is made of. */
export interface DatabaseTargetOptions {
  readonly database: Database;
  readonly readBlockers: ReadBlockers;
  readonly journal: Journal;
  readonly location: LedgerLocation;
  readonly policies: Policies;
  readonly codeMigrations: ReadonlyMap<string, CodeMigration>;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly operationDeps: OperationDeps;
  /** Who goes through the rows of operations. */
  readonly backfills: BackfillsBy;
  /** @default 500 ms on Postgres, 1000 ms on MySQL */
  readonly lockTimeoutMs: number;
  readonly lockLadderMs: number;
  /** Whether the database counts as empty whatever is in it. */
  readonly scratch: boolean;
  /** Stop after this migration; null = all. */
  readonly to: string | null;
  /** Takes dumps before contracts; null = no backup is asked for. */
  readonly backups: Backups | null;
  /** The operator's own snapshot; null = none. */
  readonly backupRef: string | null;
}

/** The first target: the journal's migrations against the ledger. */
export interface DatabaseTarget extends Target<DatabaseObservation, MigrationAction> {
  plan(observed: DatabaseObservation, fleet: FleetView): DatabasePlan;
  close(): Promise<void>;
}

/** Makes a {@link DatabaseTarget}; nothing is read before it is asked. */
export function databaseTarget(options: DatabaseTargetOptions): DatabaseTarget {
  const observer = databaseObserver(options);
  const actor = migrationActor(options);
  const { backups, backupRef: ref } = options;
  const backupPolicy: BackupPolicy = {
    dataBelow: backups?.dataBelow ?? null,
    unreachable: backups?.unreachable ?? null,
    ref,
  };
  return {
    name: 'database',
    unit: 'migration',

    observe: ({ session, inTransaction = false }) => observer.observe(session, inTransaction),

    observeIfCurrent: ({ session }) => observer.observeIfCurrent(session),

    asksFleet: ({ ledger, pending }) =>
      !ledger.empty && pending.some(({ impact }) => impact !== 'expand'),

    plan: (observed, fleet) =>
      asTold(
        withBackups(
          planDatabase(observed, options.policies, fleet, options.backfills),
          observed,
          backupPolicy,
        ),
        options,
      ),

    prepare({ ledger }, context) {
      const stale = ledger.attempts.some(({ state }) => state === 'running');
      return actor.prepare({ version: ledger.version, empty: ledger.empty, stale }, context);
    },

    act: actor.act,
    close: actor.close,
  };
}
