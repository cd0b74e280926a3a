import type { LedgerVersion } from '../ledger/ledger.js';
import { askedAbout, consentTo } from '../plan/gate-actions.js';
import { snapshotOf } from '../plan/gate.js';
import type { MigrationAction } from '../plan/plan.js';
import { BlockerWatch } from './blocker-watch.js';
import type { DatabaseTargetOptions } from './database-target.js';
import type { DialectRun } from './dialect-run.js';
import { dialectRunOf } from './dialect-run-of.js';
import { executeMigration } from './execute-migration.js';
import { Recorder } from './recorder.js';
import type { ActContext, ActionResult, RunContext } from './target.js';

/** What a run needs to know of the ledger before its first action. */
export interface LedgerFound {
  /** Null = there was none when it was looked. */
  readonly version: LedgerVersion | null;
  /** The database holds no table of a user's. */
  readonly empty: boolean;
  /** A runner that died left an attempt `running`. */
  readonly stale: boolean;
}

/** Carries migrations out, in either direction, and puts them on record. */
export interface MigrationActor {
  readonly prepare: (found: LedgerFound, context: RunContext) => Promise<void>;
  readonly act: (action: MigrationAction, context: ActContext) => Promise<ActionResult>;
  readonly close: () => Promise<void>;
}

/** Makes a {@link MigrationActor} for one run. */
export function migrationActor(
  options: Omit<DatabaseTargetOptions, 'journal' | 'policies' | 'to'>,
): MigrationActor {
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
    async prepare(found, context) {
      version = found.version;
      newDatabase ||= found.empty;
      if (found.stale) await recorder(context).interruptStale();
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
        backfills: newDatabase ? 'up' : options.backfills,
        backups: options.backups,
        consents: async () => {
          const fleet = await context.fleet();
          const consent = consentTo(action, newDatabase, fleet);
          if (consent?.kind !== 'given') return null;
          return { by: consent.by, detail: snapshotOf(fleet, askedAbout(action)) };
        },
        mayObject:
          action.resume === null &&
          (action.kind === 'revert' || (action.impact !== 'expand' && !newDatabase)),
        lockTimeoutMs: options.lockTimeoutMs,
        lockLadderMs: options.lockLadderMs,
      });
    },

    async close() {
      await watch?.close();
    },
  };
}
