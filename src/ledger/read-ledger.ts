import { StatementError, type Session } from '../database/database.js';
import type { LedgerCatalogue } from './catalogue.js';
import { hasTable } from './catalogue.js';
import type { Migration } from '../journal/journal.js';
import type { LedgerLocation, LedgerSnapshot, LedgerVersion } from './ledger.js';
import { combinedDigest, expectedRows, orderedDigest } from './ledger-digest.js';
import { LIBRARY_VERSIONS } from './library.js';
import { ledgerTable, OWN_TABLES, ownTable, READ_TABLES, scopeOf } from './location.js';
import * as mysql from './mysql/catalogue.js';
import * as mysqlSnapshot from './mysql/snapshot.js';
import * as postgres from './postgres/catalogue.js';
import * as postgresSnapshot from './postgres/snapshot.js';
import { missingReadPrivilege } from './privileges.js';
import { attemptRow, ledgerRow, type Beside } from './snapshot-rows.js';

/** How {@link readLedger} reads. */
export interface ReadLedgerOptions {
  /**
   * The journal that is probably applied as it stands. Where the ledger holds exactly its migrations, a digest says so, and no row is read: the
   * snapshot's rows are then these, without ids, its attempts only those that are not done and repairs, and `empty` false. Else all is read, in a third
   * round trip.
   *
   * @default everything is read
   */
  readonly expect?: readonly Migration[];
  /** What the catalogue has just said, where it was asked already. @default it is asked */
  readonly catalogue?: LedgerCatalogue;
}

/** What a replica reads over and over: whether the ledger is still as it was, in one round trip (on MySQL two, where a lease is renewed). */
export interface Pulse {
  readonly ledger: LedgerSnapshot;
  /** Whether its lease was renewed; null = none was to be. */
  readonly renewed: boolean | null;
  /** Names and states of the operations on record; null = not asked. */
  readonly operations: readonly (readonly [string, string])[] | null;
}

/** What the catalogue says about ledger and own tables; see {@link LedgerCatalogue}. */
export function readCatalogue(
  session: Session,
  location: LedgerLocation,
): Promise<LedgerCatalogue> {
  switch (session.server.dialect) {
    case 'postgresql':
      return postgres.readCatalogue(session, location);
    case 'mysql':
      return mysql.readCatalogue(session, location);
  }
}

/**
 * What this database has had, in two round trips. Read-only, takes no lock, needs SELECT alone; what does not exist is empty.
 *
 * @throws {MigratorError} `MISSING_PRIVILEGE` with the GRANT to run; `SESSION_LOST`
 */
export async function readLedger(
  session: Session,
  location: LedgerLocation,
  options: ReadLedgerOptions = {},
): Promise<LedgerSnapshot> {
  const catalogue = options.catalogue ?? (await readCatalogue(session, location));
  // MySQL shows a login only what it may read, so what is not listed may still be there: those that always were.
  const own = OWN_TABLES.filter(
    (table) => hasTable(catalogue, table) || READ_TABLES.some((read) => read === table),
  );
  if (
    [location.table, ...READ_TABLES].some((table) => catalogue.tables.get(table)?.select === false)
  )
    throw missingReadPrivilege(session.server, location, own);
  try {
    if (session.server.dialect === 'mysql') await refuseHidden(session, location, catalogue);
    return (
      (await readPulse(session, location, catalogue, options.expect ?? []))?.ledger ??
      (await readAll(session, location, catalogue))
    );
  } catch (error) {
    if (error instanceof StatementError && error.kind === 'privilege')
      throw missingReadPrivilege(session.server, location, own, error);
    throw error;
  }
}

async function readAll(
  session: Session,
  location: LedgerLocation,
  catalogue: LedgerCatalogue,
): Promise<LedgerSnapshot> {
  const { readSnapshot } =
    session.server.dialect === 'postgresql' ? postgresSnapshot : mysqlSnapshot;
  const scope = scopeOf(location, session.server);
  const raw = await readSnapshot(session, location, catalogue, scope);
  return {
    version: hasTable(catalogue, location.table) ? versionOf(catalogue) : null,
    rows: raw.rows.map(ledgerRow),
    bootstrapped:
      OWN_TABLES.every((table) => hasTable(catalogue, table)) &&
      LIBRARY_VERSIONS.every((wanted) => raw.versions.includes(wanted)),
    attempts: raw.attempts.map(attemptRow),
    empty: raw.empty,
  };
}

/**
 * Reads what a ledger that is as expected has left to say.
 *
 * @param catalogue as it was read before, perhaps on another session
 * @returns null when the ledger is another one than expected
 */
export async function readPulse(
  session: Session,
  location: LedgerLocation,
  catalogue: LedgerCatalogue,
  expected: readonly Migration[],
  beside: Beside = {},
): Promise<Pulse | null> {
  if (expected.length === 0 || !hasTable(catalogue, location.table)) return null;
  const version = versionOf(catalogue);
  const [{ readDigest }, digestOf] =
    session.server.dialect === 'postgresql'
      ? [postgresSnapshot, orderedDigest]
      : [mysqlSnapshot, combinedDigest];
  const scope = scopeOf(location, session.server);
  const raw = await readDigest(session, location, catalogue, scope, beside);
  if (raw.digest !== digestOf(expected, version)) return null;
  return {
    ledger: {
      version,
      rows: expectedRows(expected, version),
      bootstrapped: OWN_TABLES.every((table) => hasTable(catalogue, table)),
      attempts: raw.attempts.map(attemptRow),
      empty: false,
    },
    renewed: raw.renewed,
    operations: raw.operations?.map(([name, state]) => [name ?? '', state ?? ''] as const) ?? null,
  };
}

function versionOf(catalogue: LedgerCatalogue): LedgerVersion {
  return catalogue.named ? 'v1' : 'v0';
}

/**
 * MySQL hides tables from a login that has no right on them, so a table that is not listed is either missing or forbidden:
 * reading it tells (1146 or 1142). One of our own stands for all, and is asked about only where the ledger is there.
 */
async function refuseHidden(
  session: Session,
  location: LedgerLocation,
  catalogue: LedgerCatalogue,
): Promise<void> {
  if (hasTable(catalogue, 'migration_attempts')) return;
  const name = hasTable(catalogue, location.table)
    ? ownTable('mysql', location, 'migration_attempts')
    : ledgerTable('mysql', location);
  try {
    await session.query(`select 1 from ${name} limit 0`);
  } catch (error) {
    if (!(error instanceof StatementError) || error.kind !== 'missing-table') throw error;
  }
}
