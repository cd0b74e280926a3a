import { StatementError, type Session } from '../database/database.js';
import type { LedgerCatalogue } from './catalogue.js';
import { hasTable } from './catalogue.js';
import type { Migration } from '../journal/journal.js';
import type { LedgerLocation, LedgerSnapshot, LedgerVersion } from './ledger.js';
import { combinedDigest, expectedRows, orderedDigest, type DigestedRow } from './ledger-digest.js';
import { LIBRARY_VERSIONS } from './library.js';
import { ledgerTable, OWN_TABLES, ownTable, READ_TABLES, scopeOf } from './location.js';
import * as mysql from './mysql/catalogue.js';
import * as mysqlSnapshot from './mysql/snapshot.js';
import * as postgres from './postgres/catalogue.js';
import * as postgresSnapshot from './postgres/snapshot.js';
import { missingReadPrivilege } from './privileges.js';
import { withoutReverted } from './reverted.js';
import { attemptRow, ledgerRow, type Beside, type RawDigest } from './snapshot-rows.js';

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
      (await readExpected(session, location, catalogue, options.expect ?? [])) ??
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
    attempts: withoutReverted(raw.attempts.map(attemptRow)),
    empty: raw.empty,
  };
}

/**
 * Reads whether a ledger is still as it was, and what it has to say beside that: attempts that are not done, and answers to them.
 *
 * @param catalogue as it was read before, perhaps on another session
 * @param was what it held
 * @returns null when it holds something else
 */
export async function readPulse(
  session: Session,
  location: LedgerLocation,
  catalogue: LedgerCatalogue,
  was: LedgerSnapshot,
  beside: Beside = {},
): Promise<Pulse | null> {
  const texts = was.rows.map(({ hash, createdAt, name }) => ({ checksum: hash, createdAt, name }));
  const raw = await readSameDigest(session, location, catalogue, texts, beside);
  if (raw === null) return null;
  const unfinished = withoutReverted(raw.attempts.map(attemptRow));
  // Those that were done stay; what has become of the others is in what was read now, or it is done and the ledger another one.
  const done = was.attempts.filter(({ kind, state }) => kind !== 'repair' && state === 'done');
  return {
    ledger: {
      ...was,
      attempts: [...done, ...unfinished].toSorted((a, b) => Number(BigInt(a.id) - BigInt(b.id))),
    },
    renewed: raw.renewed,
    operations: raw.operations?.map(([name, state]) => [name ?? '', state ?? ''] as const) ?? null,
  };
}

async function readExpected(
  session: Session,
  location: LedgerLocation,
  catalogue: LedgerCatalogue,
  expected: readonly Migration[],
): Promise<LedgerSnapshot | null> {
  if (expected.length === 0) return null;
  const rows = expectedRows(expected, versionOf(catalogue));
  const texts = rows.map(({ hash, createdAt, name }) => ({ checksum: hash, createdAt, name }));
  const raw = await readSameDigest(session, location, catalogue, texts, {});
  if (raw === null) return null;
  return {
    version: versionOf(catalogue),
    rows,
    bootstrapped: OWN_TABLES.every((table) => hasTable(catalogue, table)),
    attempts: withoutReverted(raw.attempts.map(attemptRow)),
    empty: false,
  };
}

/** @returns null where the ledger does not hold exactly these rows, or cannot be told by a digest */
async function readSameDigest(
  session: Session,
  location: LedgerLocation,
  catalogue: LedgerCatalogue,
  rows: readonly DigestedRow[],
  beside: Beside,
): Promise<RawDigest | null> {
  if (!hasTable(catalogue, location.table)) return null;
  // A row made by hand may have no time, by which the digest orders them.
  if (rows.length === 0 || rows.some(({ createdAt }) => createdAt === null)) return null;
  const [{ readDigest }, digestOf] =
    session.server.dialect === 'postgresql'
      ? [postgresSnapshot, orderedDigest]
      : [mysqlSnapshot, combinedDigest];
  const scope = scopeOf(location, session.server);
  const raw = await readDigest(session, location, catalogue, scope, beside);
  return raw.digest === digestOf(rows, versionOf(catalogue)) ? raw : null;
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
