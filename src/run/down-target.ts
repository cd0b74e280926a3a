import type { Session } from '../database/database.js';
import type { FleetView } from '../fleet/fleet.js';
import type { Journal, Migration, ParsedMigration } from '../journal/journal.js';
import { parsedAsDeclared } from '../journal/manifest.js';
import { parseMigration, registeredOnly } from '../journal/parse-migration.js';
import { OWN_TABLES } from '../ledger/location.js';
import { readLedger } from '../ledger/read-ledger.js';
import { readOperations } from '../ledger/operation-store.js';
import type { Attempt, LedgerSnapshot, Match } from '../ledger/ledger.js';
import { isUndoneByHand } from '../ledger/reverted.js';
import { gotSomewhere } from '../plan/got-somewhere.js';
import {
  planDown,
  stepsDown,
  type DownObservation,
  type DownPlan,
  type DownRequest,
  type Revertible,
} from '../plan/plan-down.js';
import { NO_OPERATIONS, type ObservedOperations } from '../plan/plan-operations.js';
import type { MigrationAction, Step } from '../plan/plan.js';
import { asTold } from '../plan/remarks.js';
import { askCatalogue, digestsOfBegun } from './begun.js';
import { asScratch } from './observe-database.js';
import type { DatabaseTargetOptions } from './database-target.js';
import { layOver } from './lay-over.js';
import { migrationActor } from './migration-actor.js';
import type { Target } from './target.js';

/** What the way back is made of. */
export interface DownTargetOptions extends Omit<DatabaseTargetOptions, 'to' | 'policies'> {
  readonly request: Omit<DownRequest, 'codeWithDown' | 'ownTables'>;
}

/** The way back of the journal's migrations: the same actions, lock, fence and records, newest first. */
export interface DownTarget extends Target<DownObservation, MigrationAction> {
  plan(observed: DownObservation, fleet: FleetView): DownPlan;
  close(): Promise<void>;
}

/** Makes a {@link DownTarget}; nothing is read before it is asked. */
export function downTarget(options: DownTargetOptions): DownTarget {
  const actor = migrationActor(options);
  const withDown = [...options.codeMigrations].filter(([, code]) => code.down !== undefined);
  const request: DownRequest = {
    ...options.request,
    ownTables: new Set([options.location.table, ...OWN_TABLES]),
    codeWithDown: new Set(withDown.map(([name]) => name)),
  };
  return {
    name: 'database',
    unit: 'reversal',
    observe: ({ session }) => observeDown(session, options),
    // What is to be reverted is asked under the lock: who asks for it has something in mind.
    observeIfCurrent: () => Promise.resolve(null),
    asksFleet: ({ back }) => back.length > 0,
    plan: (observed, fleet) => asTold(planDown(observed, request, fleet), options),
    prepare: ({ ledger, stale }, context) =>
      actor.prepare({ version: ledger.version, empty: ledger.empty, stale }, context),
    act: actor.act,
    close: actor.close,
  };
}

async function observeDown(session: Session, options: DownTargetOptions): Promise<DownObservation> {
  const { server } = session;
  const { journal, location } = options;
  const ledger = asScratch(await readLedger(session, location), options);
  const match = layOver(journal.migrations, ledger, server);
  const range = rangeOf(journal, options.request.to);
  const entries = new Map(match.entries.map((entry) => [entry.tag, entry]));
  const back = range.flatMap((migration) => {
    const entry = entries.get(migration.tag);
    return entry === undefined || entry.verdict === 'pending'
      ? []
      : [revertible(migration, entry, session, options)];
  });
  const operations: ObservedOperations = {
    ...NO_OPERATIONS,
    registered: options.operations,
    records: await recordsOf(session, options, back),
  };
  const directed = asForward(ledger);
  const downs = back.flatMap(({ down }) => down ?? []);
  const here = (down: ParsedMigration): readonly Step[] => stepsDown(down, { operations });
  const tags = new Set(range.map(({ tag }) => tag));
  return {
    server,
    journal,
    match,
    back,
    operations,
    ledger: directed,
    inDoubt: await askCatalogue(session, directed, downs, here),
    stepDigests: digestsOfBegun(server, directed, downs, here),
    asStatements: new Set(),
    begun: ledger.attempts.filter(
      (attempt) =>
        tags.has(attempt.tag) &&
        entries.get(attempt.tag)?.verdict === 'pending' &&
        isHalfWay(attempt) &&
        !isUndoneByHand(attempt, ledger.attempts),
    ),
    halfBack: ledger.attempts.filter(
      (attempt) => attempt.kind === 'down' && gotSomewhere(attempt) && !tags.has(attempt.tag),
    ),
    stale: ledger.attempts.some(({ state }) => state === 'running'),
    liveRunner: null,
  };
}

/** Newest first: everything behind what stays. */
function rangeOf({ migrations }: Journal, to: string | null): readonly Migration[] {
  const stays = migrations.find(({ tag }) => tag === to)?.position ?? -1;
  return migrations.filter(({ position }) => position > stays).toReversed();
}

function revertible(
  migration: Migration,
  match: Match,
  { server }: Session,
  { codeMigrations }: DownTargetOptions,
): Revertible {
  const how = { dialect: server.dialect, mode: server.sqlMode };
  const { declared } = migration;
  const up =
    declared === undefined
      ? // What it called may be deleted by now: only what it did matters.
        parseMigration(migration, { ...how, codeMigrations: null, operations: null })
      : parsedAsDeclared(migration, declared);
  const file = migration.readDown();
  const down =
    file === null
      ? null
      : registeredOnly(
          parseMigration(file, {
            ...how,
            codeMigrations: new Set(codeMigrations.keys()),
            down: true,
          }),
        );
  return { match, up, down };
}

/** Asked only where a migration of the range calls one. */
async function recordsOf(
  session: Session,
  { location }: DownTargetOptions,
  back: readonly Revertible[],
): Promise<ObservedOperations['records']> {
  const called = back.some(
    ({ up, down }) =>
      up.directives.operations.length > 0 || (down?.directives.undone.length ?? 0) > 0,
  );
  if (!called) return new Map();
  return new Map((await readOperations(session, location)).map((row) => [row.name, row]));
}

/** A way back that was begun is gone on with by the rules of the way forward: it is the attempt that they are asked about. */
function asForward(ledger: LedgerSnapshot): LedgerSnapshot {
  return {
    ...ledger,
    attempts: ledger.attempts.flatMap((attempt): Attempt[] => {
      if (attempt.kind === 'down') return [{ ...attempt, kind: 'migration' }];
      return attempt.kind === 'repair' ? [attempt] : [];
    }),
  };
}

function isHalfWay(attempt: Attempt): boolean {
  return attempt.kind === 'migration' && attempt.state !== 'done' && gotSomewhere(attempt);
}
