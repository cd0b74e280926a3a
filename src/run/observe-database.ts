import type { Backups } from '../backup/backup.js';
import type { ServerInfo, Session } from '../database/database.js';
import type { Journal, Migration, ParsedMigration } from '../journal/journal.js';
import { parsedAsDeclared } from '../journal/manifest.js';
import { parseMigration } from '../journal/parse-migration.js';
import { readLedger } from '../ledger/read-ledger.js';
import type { LedgerLocation, LedgerMatch, LedgerSnapshot } from '../ledger/ledger.js';
import type { CodeMigration } from '../options.js';
import type { Operation } from '../operations/operation.js';
import type { DatabaseObservation, Step } from '../plan/plan.js';
import { askCatalogue, digestsOfBegun } from './begun.js';
import { layOver } from './lay-over.js';
import { observeAtStake } from './observe-at-stake.js';
import { observeOperations } from './observe-operations.js';
import { NO_OPERATIONS } from '../plan/plan-operations.js';
import { operationsAsStatements } from '../plan/operations-as-statements.js';
import { stepsHere } from '../plan/steps.js';

/** What is laid over the ledger, and how to read it. */
export interface ObserveOptions {
  readonly journal: Journal;
  readonly location: LedgerLocation;
  readonly codeMigrations: ReadonlyMap<string, CodeMigration>;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly to: string | null;
  readonly scratch: boolean;
  /** Where a backup is asked for, it is looked how large that would be. */
  readonly backups: Backups | null;
}

/** Reads the database for one migrator. */
export interface DatabaseObserver {
  /**
   * Only reads; nothing is parsed but what is pending.
   *
   * @param inTransaction whether the session is in a transaction of the caller's
   * @throws {MigratorError} what is wrong with a pending file, or with the rights on the ledger
   */
  observe(session: Session, inTransaction: boolean): Promise<DatabaseObservation>;
  /**
   * What there is to see when nothing is pending, or null when something is. Parses nothing and reads a digest instead of rows:
   * fifty contenders ask this before they have the lock, and all but one have no use for the answer to more.
   */
  observeIfCurrent(session: Session): Promise<DatabaseObservation | null>;
}

/** Keeps what it parsed, because a run looks twice: under the lock before anything is created, and when it begins. */
export function databaseObserver(options: ObserveOptions): DatabaseObserver {
  const { journal, location } = options;
  let parsed: { readonly key: string; readonly pending: readonly ParsedMigration[] } | null = null;

  const parsePending = (
    server: ServerInfo,
    ledger: LedgerSnapshot,
    wanted: readonly Migration[],
  ): readonly ParsedMigration[] => {
    const key = JSON.stringify([ledger.empty, server.sqlMode, wanted.map(({ tag }) => tag)]);
    if (parsed?.key !== key)
      parsed = { key, pending: parseInOrder(wanted, server, ledger, options) };
    return parsed.pending;
  };

  return {
    async observe(session, inTransaction) {
      const { server } = session;
      const ledger = asScratch(await readLedger(session, location), options);
      const match = layOver(journal.migrations, ledger, server);
      const pending = parsePending(server, ledger, pendingMigrations(options, match));
      const operations = await observeOperations(
        session,
        inTransaction,
        location,
        options.operations,
        ledger,
        pending,
        appliedMigrations(options, match),
      );
      const { scratch } = options;
      const asStatements = operationsAsStatements({ pending, ledger, operations, scratch });
      const here = (one: ParsedMigration): readonly Step[] => stepsHere(one, ledger, asStatements);
      const inDoubt = await askCatalogue(session, ledger, pending, here);
      return {
        server,
        journal,
        ledger,
        match,
        pending,
        inDoubt,
        stepDigests: digestsOfBegun(server, ledger, pending, here),
        operations,
        asStatements,
        atStake:
          options.backups === null || ledger.empty
            ? new Map()
            : await observeAtStake(session, inTransaction, options.operations, pending),
        liveRunner: null,
      };
    },

    async observeIfCurrent(session) {
      const { server } = session;
      const ledger = await readLedger(session, location, { expect: journal.migrations });
      const match = layOver(journal.migrations, ledger, server);
      if (pendingMigrations(options, match).length > 0) return null;
      // A way back that is at work, or died: that is for the lock's holder to see to.
      if (ledger.attempts.some(({ kind }) => kind === 'down')) return null;
      return {
        server,
        journal,
        ledger,
        match,
        pending: [],
        inDoubt: new Map(),
        stepDigests: new Map(),
        operations: NO_OPERATIONS,
        asStatements: new Set(),
        atStake: new Map(),
        liveRunner: null,
      };
    },
  };
}

/** A database that counts as empty. */
export function asScratch(
  ledger: LedgerSnapshot,
  { scratch }: Pick<ObserveOptions, 'scratch'>,
): LedgerSnapshot {
  return scratch ? { ...ledger, empty: true } : ledger;
}

function appliedMigrations({ journal }: ObserveOptions, match: LedgerMatch): readonly Migration[] {
  const missing = new Set(
    match.entries
      .filter(({ verdict }) => verdict === 'pending' || verdict === 'ambiguous')
      .map(({ tag }) => tag),
  );
  return journal.migrations.filter(({ tag }) => !missing.has(tag));
}

function pendingMigrations(
  { journal, to }: ObserveOptions,
  match: LedgerMatch,
): readonly Migration[] {
  const end = to === null ? Number.POSITIVE_INFINITY : positionOf(journal, to);
  const wanted = new Set(
    match.entries.filter(({ verdict }) => verdict === 'pending').map(({ tag }) => tag),
  );
  return journal.migrations.filter(({ tag, position }) => wanted.has(tag) && position <= end);
}

/** In journal order, because what a migration creates is nothing that an older build could miss when a later one changes it. */
function parseInOrder(
  migrations: readonly Migration[],
  server: ServerInfo,
  ledger: LedgerSnapshot,
  { codeMigrations, operations, journal }: ObserveOptions,
): readonly ParsedMigration[] {
  if (migrations.length === 0) return [];
  const created = new Set<string>();
  const tags = new Set(journal.migrations.map(({ tag }) => tag));
  return migrations.map((migration) => {
    if (migration.declared !== undefined) return parsedAsDeclared(migration, migration.declared);
    const parsed = parseMigration(migration, {
      dialect: server.dialect,
      mode: server.sqlMode,
      created,
      codeMigrations: new Set(codeMigrations.keys()),
      operations: new Set(operations.keys()),
      databaseEmpty: ledger.empty,
      tags,
    });
    for (const name of parsed.created) created.add(name);
    return parsed;
  });
}

function positionOf(journal: Journal, tag: string): number {
  return (
    journal.migrations.find((migration) => migration.tag === tag)?.position ??
    Number.POSITIVE_INFINITY
  );
}
