import { StatementError, type Session } from '../../database/database.js';
import { quoteIdentifier } from '../../database/identifiers.js';
import {
  newLedgerVersion,
  type BootstrapOptions,
  type BootstrapResult,
} from '../bootstrap-contract.js';
import { foreignTable, unknownRole } from '../bootstrap-errors.js';
import { hasTable, type LedgerCatalogue } from '../catalogue.js';
import type { LedgerLocation, LedgerVersion } from '../ledger.js';
import { libraryMigration, versionsToApply, type LibraryMigration } from '../library.js';
import { ledgerTable, ownTable } from '../location.js';
import { missingGrants } from '../missing-grants.js';
import { grantee, missingPrivilege } from '../privileges.js';
import { readCatalogue } from './catalogue.js';

/** Columns by which a table of ours is told from somebody else's of the same name. */
const OUR_COLUMNS = [
  ['migration_lock', 'fleet_seen'],
  ['migration_attempts', 'objects_digest'],
  ['migration_library', 'version'],
  ['migration_operations', 'spec_hash'],
  ['migration_progress', 'cursor_pk'],
  ['migration_instances', 'lease_until'],
] as const;

/** ER_CANT_CREATE_USER_WITH_GRANT, ER_NONEXISTING_GRANT's kin: GRANT to an account that does not exist. Source: MySQL and MariaDB error lists. */
const NO_SUCH_ACCOUNT = new Set([1133, 1410, 3523]);

/** See `bootstrap`. DDL commits by itself here: each step looks or is tolerated when it was done before, so a crash in between is resumed. */
export async function bootstrapMysql(
  session: Session,
  location: LedgerLocation,
  options: BootstrapOptions,
): Promise<BootstrapResult> {
  const catalogue = await readCatalogue(session, location);
  const missing = await missingVersions(session, location, catalogue);
  const hasLedger = hasTable(catalogue, location.table);
  const ledgerVersion: LedgerVersion = !hasLedger
    ? newLedgerVersion(options.layout)
    : catalogue.named
      ? 'v1'
      : 'v0';
  let made = false;
  const create = async (statement: string): Promise<void> => {
    await session.query(statement);
    made = true;
  };
  try {
    for (const migration of missing) await apply(session, location, migration, create);
    if (!hasLedger) await create(ledgerDdl(location, ledgerVersion));
    await grant(session, location, options.grantTo ?? []);
    await tryWrites(session, location);
  } catch (error) {
    if (error instanceof StatementError && error.kind === 'privilege') {
      const { server } = session;
      const to = grantee('mysql', server.user);
      const rights = 'create, alter, index, select, insert, update, delete';
      const needed = `grant ${rights} on ${quoteIdentifier('mysql', server.database)}.* to ${to}`;
      throw missingPrivilege(
        `The account ${server.user} may not create, write or grant nest-migrate's tables in ${server.database}.`,
        `As an administrator: ${needed}; (grantTo also needs \`with grant option\`), then run the command again.`,
        [needed],
        error,
        made
          ? 'No migration was run. Of the tables of nest-migrate that were missing, those that could be created are there now, and empty.'
          : 'Nothing was changed.',
      );
    }
    throw error;
  }
  return {
    changed: missing.length > 0 || !hasLedger,
    versions: missing.map(({ version }) => version),
    ledgerVersion,
  };
}

async function missingVersions(
  session: Session,
  location: LedgerLocation,
  catalogue: LedgerCatalogue,
): Promise<readonly LibraryMigration[]> {
  let recorded: readonly string[] = [];
  const present = OUR_COLUMNS.filter(([table]) => hasTable(catalogue, table));
  if (present.length > 0) {
    const columns = await session.query<{ readonly name: string; readonly part: string }>(
      `select table_name as name, column_name as part from information_schema.columns where table_schema = database() and (${present
        .map(() => '(table_name = ? and column_name = ?)')
        .join(' or ')})`,
      present.flat(),
    );
    const ours = new Set(columns.map(({ name }) => name.toLowerCase()));
    const foreign = present.map(([table]) => table).filter((table) => !ours.has(table));
    if (foreign.length > 0) throw foreignTable(location, foreign);
  }
  if (hasTable(catalogue, 'migration_library')) {
    const rows = await session.query<{ readonly version: string }>(
      `select version from ${ownTable('mysql', location, 'migration_library')}`,
    );
    recorded = rows.map(({ version }) => version);
  }
  return versionsToApply(recorded, (table) => hasTable(catalogue, table)).map((version) =>
    libraryMigration('mysql', version),
  );
}

async function apply(
  session: Session,
  location: LedgerLocation,
  migration: LibraryMigration,
  create: (statement: string) => Promise<void>,
): Promise<void> {
  for (const statement of migration.statements) {
    try {
      await create(statement);
    } catch (error) {
      // Made before a crash, or by the bootstrap of another ledger in this database, which holds another lock.
      if (!(error instanceof StatementError) || error.kind !== 'duplicate-object') throw error;
    }
  }
  await session.query(
    `insert ignore into ${ownTable('mysql', location, 'migration_library')} (version, hash) values (?, ?)`,
    [migration.version, migration.hash],
  );
}

/** Exactly the columns that drizzle-orm's own `migrate()` creates. */
function ledgerDdl(location: LedgerLocation, version: LedgerVersion): string {
  const more =
    version === 'v1' ? ', name text, applied_at timestamp default current_timestamp' : '';
  return `create table if not exists ${ledgerTable('mysql', location)} (id serial primary key, hash text not null, created_at bigint${more})`;
}

/**
 * A runner writes to all of them: better said now than after the first migration, whose DDL would stay. MySQL has no function that tells the rights
 * of a login, roles included; statements that find no row are checked for them all the same.
 */
async function tryWrites(session: Session, location: LedgerLocation): Promise<void> {
  const [ledger, attempts, lock, operations, progress, instances] = [
    ledgerTable('mysql', location),
    ownTable('mysql', location, 'migration_attempts'),
    ownTable('mysql', location, 'migration_lock'),
    ownTable('mysql', location, 'migration_operations'),
    ownTable('mysql', location, 'migration_progress'),
    ownTable('mysql', location, 'migration_instances'),
  ];
  await session.query(
    `update ${attempts} a, ${lock} l, ${operations} o, ${progress} p, ${instances} i
        set a.state = a.state, l.fence = l.fence, o.state = o.state, p.want = p.want, i.state = i.state where 1 = 0`,
  );
  for (const table of [ledger, attempts, lock, operations, progress, instances])
    await session.query(`insert into ${table} select * from ${table} where 1 = 0`);
}

async function grant(
  session: Session,
  location: LedgerLocation,
  roles: readonly string[],
): Promise<void> {
  for (const statement of await missingGrants(session, location, roles)) {
    try {
      await session.query(statement);
    } catch (error) {
      if (error instanceof StatementError && NO_SUCH_ACCOUNT.has(error.facts.errno ?? 0))
        throw unknownRole(
          roles.filter((role) => statement.endsWith(` to ${grantee('mysql', role)}`)),
          error,
        );
      throw error;
    }
  }
}
