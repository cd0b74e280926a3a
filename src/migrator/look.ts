import { backupsOf } from '../backup/take-backup.js';
import { resolveConnections } from '../database/connection-targets.js';
import type { Session } from '../database/database.js';
import type { BackfillsBy, DatabaseObservation, DatabasePlan } from '../plan/plan.js';
import { databaseTarget, type DatabaseTargetOptions } from '../run/database-target.js';
import type { Journal } from '../journal/journal.js';
import { inspectLock } from '../lock/inspect.js';
import { scopeOf } from '../ledger/location.js';
import { readBlockers } from '../database/blockers.js';
import { backupRefIn } from './backup-ref.js';
import { operationDepsOf } from './operation-deps.js';
import { NO_FLEET } from '../fleet/fleet.js';
import { lookAtFleet, type FleetSaid } from './look-at-fleet.js';
import { assertKnownTag, signalOr, type MigratorEnvironment } from './environment.js';

/** What one command has to say beside the options. */
export interface TargetRequest {
  /** Stop after this migration. @default none: all */
  readonly to?: string | undefined;
  /** @default as in the options */
  readonly backfills?: BackfillsBy | undefined;
  /** Milliseconds to wait for a worker that is at rows. @default `lock.waitMs` of the options */
  readonly waitMs?: number | undefined;
  /** Name of a snapshot that the operator has taken. @default none */
  readonly backupRef?: string | undefined;
}

/** The database target of this migrator, for looking and for running. */
export function targetOf(
  environment: MigratorEnvironment,
  journal: Journal,
  { to, ...request }: TargetRequest = {},
) {
  return databaseTarget({ ...targetParts(environment, journal, request), to: to ?? null });
}

/** What a target needs that changes migrations, in whichever direction. */
export function targetParts(
  environment: MigratorEnvironment,
  journal: Journal,
  { backfills, waitMs, backupRef }: Omit<TargetRequest, 'to'> = {},
): Omit<DatabaseTargetOptions, 'to'> {
  const { options, database, location } = environment;
  return {
    database,
    readBlockers,
    journal,
    location,
    policies: options.policies,
    codeMigrations: options.codeMigrations,
    operations: options.operations,
    operationDeps: operationDepsOf(environment, waitMs),
    backfills: backfills ?? options.backfills,
    lockTimeoutMs: options.lockTimeoutMs,
    lockLadderMs: options.lockLadderMs,
    scratch: options.scratch,
    backups:
      options.backup === null
        ? null
        : backupsOf(options.backup, resolveConnections(options.database)),
    backupRef: backupRefIn(backupRef),
  };
}

/** What `up` would see and decide right now. Only reads. */
export async function lookAtDatabase(
  environment: MigratorEnvironment,
  session: Session,
  options: {
    readonly to?: string;
    readonly backupRef?: string;
    /** @default as in the options */
    readonly backfills?: BackfillsBy;
    /** What the operator says about the fleet. @default nothing */
    readonly said?: FleetSaid;
    readonly signal?: AbortSignal;
    /** Whether the session is in a transaction of the caller's. @default false */
    readonly inTransaction?: boolean;
  },
): Promise<{ readonly observed: DatabaseObservation; readonly plan: DatabasePlan }> {
  const journal = environment.journal();
  if (options.to !== undefined) assertKnownTag(journal, options.to);
  const target = targetOf(environment, journal, options);
  const signal = signalOr(options.signal);
  const inTransaction = options.inTransaction === true;
  const seen = await target.observe({ session, signal, inTransaction });
  const observed = { ...seen, liveRunner: await liveRunner(environment, session, seen) };
  const fleet = target.asksFleet(observed)
    ? await lookAtFleet(environment, session, options.said ?? {}, { signal, inTransaction })
    : NO_FLEET;
  return { observed, plan: target.plan(observed, fleet) };
}

/** Asked only where an attempt says that it is running: whether it is, or its runner died. */
async function liveRunner(
  { location }: MigratorEnvironment,
  session: Session,
  { ledger }: DatabaseObservation,
): Promise<string | null> {
  if (!ledger.attempts.some(({ state }) => state === 'running')) return null;
  const { holder } = await inspectLock(session, scopeOf(location, session.server), location);
  return holder?.id ?? null;
}
