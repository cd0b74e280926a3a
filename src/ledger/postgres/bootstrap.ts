import { StatementError, type Session } from '../../database/database.js';
import { quoteIdentifier } from '../../database/identifiers.js';
import {
  newLedgerVersion,
  type BootstrapOptions,
  type BootstrapResult,
} from '../bootstrap-contract.js';
import { bootstrapRace, foreignTable, unknownRole } from '../bootstrap-errors.js';
import { hasTable, type LedgerCatalogue } from '../catalogue.js';
import type { LedgerLocation, LedgerVersion } from '../ledger.js';
import { libraryMigration, tablesOf, versionsToApply } from '../library.js';
import { ledgerTable, OWN_TABLES, ownTable } from '../location.js';
import { missingGrants } from '../missing-grants.js';
import { missingPrivilege, writeGrants } from '../privileges.js';
import { readCatalogue } from './catalogue.js';

/** Two ledgers in one schema share our tables and no lock: the loser of a race looks again. */
const TRIES = 5;

/** Codes by which Postgres says that somebody else made it meanwhile: duplicate table, object, schema, and the unique indexes of pg_class and pg_type. */
const RACED = new Set(['42P07', '42710', '42P06', '23505', 'XX000']);

/** See `bootstrap`. One transaction: all of it or nothing. */
export async function bootstrapPostgres(
  session: Session,
  location: LedgerLocation,
  options: BootstrapOptions,
): Promise<BootstrapResult> {
  let raced: unknown;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const catalogue = await readCatalogue(session, location);
    refuseWithoutWrite(session, location, catalogue);
    const missing = await missingVersions(session, location, catalogue);
    const ledgerVersion: LedgerVersion = !hasTable(catalogue, location.table)
      ? newLedgerVersion(options.layout)
      : catalogue.named
        ? 'v1'
        : 'v0';
    const create = [
      ...(catalogue.schemaExists ? [] : [`create schema ${schemaName(location)}`]),
      ...missing.flatMap(({ version, hash, statements }) => [
        ...statements,
        `insert into migration_library (version, hash) values ('${version}', '${hash}') on conflict (version) do nothing`,
      ]),
      ...(hasTable(catalogue, location.table) ? [] : [ledgerDdl(location, ledgerVersion)]),
    ];
    const grants = await missingGrants(session, location, options.grantTo ?? []);
    if (create.length > 0) await refuseWithoutCreate(session, location, catalogue);
    const result = {
      changed: create.length > 0,
      versions: missing.map(({ version }) => version),
      ledgerVersion,
    };
    try {
      if (create.length > 0 || grants.length > 0)
        await inOneTransaction(session, location, [...create, ...grants]);
      return result;
    } catch (error) {
      if (!(error instanceof StatementError)) throw error;
      if (error.facts.code === '42704') throw unknownRole(options.grantTo ?? [], error);
      if (error.kind === 'privilege')
        throw missingPrivilege(
          `The role ${session.server.user} may not create or grant nest-migrate's tables in schema ${location.schema}.`,
          `As the owner of the schema: grant create on schema ${schemaName(location)} to ${quoteIdentifier('postgresql', session.server.user)}; then run the command again.`,
          [],
          error,
        );
      if (!RACED.has(error.facts.code ?? '')) throw error;
      raced = error;
    }
  }
  const inTheWay = await otherObjects(session, location);
  throw inTheWay.length > 0
    ? foreignTable(location, inTheWay, 'type, view or sequence')
    : bootstrapRace(raced);
}

/** What keeps a table of ours from being made and is none: a table has a type of its name, and shares the names of all relations. */
async function otherObjects(
  session: Session,
  location: LedgerLocation,
): Promise<readonly string[]> {
  const rows = await session.query<{ readonly name: string }>(
    `select distinct o.name::text as name
       from pg_catalog.pg_namespace n
       join (select relnamespace as schema, relname as name from pg_catalog.pg_class where relkind not in ('r', 'p')
             union all
             select typnamespace, typname from pg_catalog.pg_type where typtype <> 'c') o on o.schema = n.oid
      where n.nspname = $1 and o.name in ($2, ${OWN_TABLES.map((name) => `'${name}'`).join(', ')})`,
    [location.schema, location.table],
  );
  return rows.map(({ name }) => name);
}

async function missingVersions(
  session: Session,
  location: LedgerLocation,
  catalogue: LedgerCatalogue,
): Promise<readonly ReturnType<typeof libraryMigration>[]> {
  let recorded: readonly string[] = [];
  if (hasTable(catalogue, 'migration_library')) {
    const rows = await session.query<{ readonly version: string }>(
      `select version from ${ownTable('postgresql', location, 'migration_library')}`,
    );
    recorded = rows.map(({ version }) => version);
  }
  const missing = versionsToApply(recorded, (table) => hasTable(catalogue, table)).map((version) =>
    libraryMigration('postgresql', version),
  );
  // Our tables and their version are committed together, and the catalogue was read first.
  const foreign = missing.flatMap(tablesOf).filter((table) => hasTable(catalogue, table));
  if (foreign.length > 0) throw foreignTable(location, foreign);
  return missing;
}

/** Exactly the columns that drizzle-orm's own `migrate()` creates. */
function ledgerDdl(location: LedgerLocation, version: LedgerVersion): string {
  const more =
    version === 'v1' ? ', name text, applied_at timestamp with time zone default now()' : '';
  return `create table ${ledgerTable('postgresql', location)} (id serial primary key, hash text not null, created_at bigint${more})`;
}

/** Static SQL of ours in one simple-protocol message: one round trip, one transaction. */
async function inOneTransaction(
  session: Session,
  location: LedgerLocation,
  statements: readonly string[],
): Promise<void> {
  const createSchema = statements[0]?.startsWith('create schema') === true;
  const [first = '', ...rest] = statements;
  const path = `set local search_path to ${schemaName(location)}`;
  const all = createSchema ? [first, path, ...rest] : [path, ...statements];
  try {
    await session.execute(['begin', ...all, 'commit'].join(';\n'));
  } catch (error) {
    if (!session.lost.aborted) await session.query('rollback');
    throw error;
  }
}

/** Asked before anything is sent: the server's own refusal does not say which statement it was. */
async function refuseWithoutCreate(
  session: Session,
  location: LedgerLocation,
  catalogue: LedgerCatalogue,
): Promise<void> {
  const role = quoteIdentifier('postgresql', session.server.user);
  const schema = schemaName(location);
  const [right] = await session.query<{ readonly may: boolean }>(
    catalogue.schemaExists
      ? `select has_schema_privilege($1::text, 'CREATE') as may`
      : `select has_database_privilege(current_database(), 'CREATE') and $1::text is not null as may`,
    [location.schema],
  );
  if (right?.may === true) return;
  const grant = catalogue.schemaExists
    ? `grant usage, create on schema ${schema} to ${role}`
    : `create schema ${schema} authorization ${role}`;
  throw missingPrivilege(
    catalogue.schemaExists
      ? `The role ${session.server.user} may not create tables in schema ${location.schema}, and the migrations ledger or nest-migrate's own tables are missing there.`
      : `The schema ${location.schema} does not exist, and the role ${session.server.user} may not create it.`,
    `As an administrator of the database: ${grant}; then run the command again.`,
    [grant],
  );
}

/** A runner writes to all of them: better said now than after the first migration. What it makes itself it owns. */
function refuseWithoutWrite(
  session: Session,
  location: LedgerLocation,
  catalogue: LedgerCatalogue,
): void {
  const refused = [...catalogue.tables].filter(([, access]) => !access.write || !access.select);
  if (refused.length === 0) return;
  const own = OWN_TABLES.filter((table) => hasTable(catalogue, table));
  const names = [
    ...(hasTable(catalogue, location.table) ? [ledgerTable('postgresql', location)] : []),
    ...own.map((table) => ownTable('postgresql', location, table)),
  ];
  const grants = writeGrants('postgresql', location, session.server.user, names);
  throw missingPrivilege(
    `The role ${session.server.user} may not write to the migrations ledger or nest-migrate's own tables in schema ${location.schema}.`,
    `As their owner: ${grants.join('; ')}; then run the command again.`,
    grants,
  );
}

function schemaName(location: LedgerLocation): string {
  return quoteIdentifier('postgresql', location.schema ?? 'public');
}
