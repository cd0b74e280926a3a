import { StatementError, type Session } from '../database/database.js';
import type { LedgerCatalogue } from './catalogue.js';
import { hasTable } from './catalogue.js';
import type { LedgerLocation, LedgerSnapshot } from './ledger.js';
import { LIBRARY_VERSIONS } from './library.js';
import { ledgerTable, OWN_TABLES, ownTable, scopeOf } from './location.js';
import * as mysql from './mysql/catalogue.js';
import * as mysqlSnapshot from './mysql/snapshot.js';
import * as postgres from './postgres/catalogue.js';
import * as postgresSnapshot from './postgres/snapshot.js';
import { missingReadPrivilege } from './privileges.js';
import { attemptRow, ledgerRow, lockRow, type JsonRow } from './snapshot-rows.js';

/** What a dialect reads, before it is given types. */
export interface RawSnapshot {
  readonly rows: readonly JsonRow[];
  readonly versions: readonly string[];
  readonly attempts: readonly JsonRow[];
  readonly lock: JsonRow | null;
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
): Promise<LedgerSnapshot> {
  const catalogue = await readCatalogue(session, location);
  const { dialect } = session.server;
  const unreadable = [...catalogue.tables]
    .filter(([, access]) => !access.select)
    .map(([name]) => name);
  if (unreadable.length > 0) throw missingReadPrivilege(session.server, location);

  let raw: RawSnapshot;
  try {
    const scope = scopeOf(location, session.server);
    if (dialect === 'postgresql')
      raw = await postgresSnapshot.readSnapshot(session, location, catalogue, scope);
    else {
      await refuseHidden(session, location, catalogue);
      raw = await mysqlSnapshot.readSnapshot(session, location, catalogue, scope);
    }
  } catch (error) {
    if (error instanceof StatementError && error.kind === 'privilege')
      throw missingReadPrivilege(session.server, location, error);
    throw error;
  }
  const version = catalogue.named ? 'v1' : 'v0';
  return {
    version: hasTable(catalogue, location.table) ? version : null,
    rows: raw.rows.map(ledgerRow),
    bootstrapped:
      OWN_TABLES.every((table) => hasTable(catalogue, table)) &&
      LIBRARY_VERSIONS.every((wanted) => raw.versions.includes(wanted)),
    attempts: raw.attempts.map(attemptRow),
    lock: raw.lock === null ? null : lockRow(raw.lock),
    empty: catalogue.empty,
  };
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
