import type { Backups } from '../backup/backup.js';
import type { Database } from '../database/database.js';
import type { FleetView } from '../fleet/fleet.js';
import type { Journal } from '../journal/journal.js';
import type { LedgerLocation, LedgerVersion } from '../ledger/ledger.js';
import type { CodeMigration } from '../options.js';
import type { Operation } from '../operations/operation.js';
import { withBackups, type BackupPolicy } from '../plan/backup.js';
import { snapshotOf } from '../plan/gate.js';
import { consentTo } from '../plan/gate-actions.js';
import { planDatabase } from '../plan/plan-database.js';
import type {
  BackfillsBy,
  DatabaseObservation,
  DatabasePlan,
  MigrationAction,
  Policies,
} from '../plan/plan.js';
import { BlockerWatch, type ReadBlockers } from './blocker-watch.js';
import type { DialectRun } from './dialect-run.js';
import { dialectRunOf } from './dialect-run-of.js';
import { executeMigration } from './execute-migration.js';
import { databaseObserver } from './observe-database.js';
import type { OperationDeps } from './operation-phase.js';
import { Recorder } from './recorder.js';
import type { RunContext, Target } from './target.js';

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
  const { backups, backupRef: ref } = options;
  const backupPolicy: BackupPolicy = {
    dataBelow: backups?.dataBelow ?? null,
    unreachable: backups?.unreachable ?? null,
    ref,
  };
  let watch: BlockerWatch | null = null;
  let dialectRun: DialectRun | null = null;
  let version: LedgerVersion | null = null;
  let newDatabase = false;

  const recorder = (context: RunContext): Recorder => {
    // The bootstrap ran before the observation, so the ledger exists by now.
    if (version === null) throw new TypeError('prepare() comes before act()');
    return new Recorder(context, { location: options.location, version });
  };

  return {
    name: 'database',
    unit: 'migration',

    observe: ({ session, inTransaction = false }) => observer.observe(session, inTransaction),

    observeIfCurrent: ({ session }) => observer.observeIfCurrent(session),

    asksFleet: ({ ledger, pending }) =>
      !ledger.empty && pending.some(({ impact }) => impact !== 'expand'),

    plan: (observed, fleet) =>
      withBackups(
        planDatabase(observed, options.policies, fleet, options.backfills),
        observed,
        backupPolicy,
      ),

    async prepare(observed, context) {
      version = observed.ledger.version;
      newDatabase ||= observed.ledger.empty;
      if (observed.ledger.attempts.some(({ state }) => state === 'running')) {
        await recorder(context).interruptStale();
      }
    },

    async act(action, context) {
      const { session } = context.lock;
      watch ??= new BlockerWatch(
        () => options.database.connect({ role: 'runner', applicationName: 'nest-migrate:watch' }),
        options.readBlockers,
        session.backendId,
      );
      dialectRun ??= dialectRunOf(session.server.dialect);
      return executeMigration(action, context, {
        recorder: recorder(context),
        dialectRun,
        watch,
        codeMigrations: options.codeMigrations,
        operations: options.operationDeps,
        backfills: options.backfills,
        backups,
        consents: async () => {
          const fleet = await context.fleet();
          const consent = consentTo(action, newDatabase, fleet);
          if (consent?.kind !== 'given') return null;
          const requires = action.migration.requires ?? action.id;
          return { by: consent.by, detail: snapshotOf(fleet, requires) };
        },
        mayObject: action.impact !== 'expand' && action.resume === null && !newDatabase,
        lockTimeoutMs: options.lockTimeoutMs,
        lockLadderMs: options.lockLadderMs,
      });
    },

    async close() {
      await watch?.close();
    },
  };
}
