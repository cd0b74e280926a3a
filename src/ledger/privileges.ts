import type { Dialect, ServerInfo } from '../database/database.js';
import { quoteIdentifier } from '../database/identifiers.js';
import { MigratorError } from '../errors.js';
import type { LedgerLocation } from './ledger.js';
import { ledgerTable, OWN_TABLES, ownTable, type OwnTable } from './location.js';

/**
 * A role (Postgres) or an account (MySQL) as it stands in GRANT.
 *
 * @param role `app`, or on MySQL also `app@10.0.%`, `'app'@'%'`; without a host it is `%`, as in GRANT itself
 */
export function grantee(dialect: Dialect, role: string): string {
  if (dialect === 'postgresql') return quoteIdentifier(dialect, role);
  const at = role.lastIndexOf('@');
  const user = unquoted(at === -1 ? role : role.slice(0, at));
  const host = at === -1 ? '%' : unquoted(role.slice(at + 1));
  return `${literal(user)}@${literal(host)}`;
}

/**
 * The statements that let a role read ledger and attempts.
 *
 * @param own those of our tables that exist. @default all
 */
export function readGrants(
  dialect: Dialect,
  location: LedgerLocation,
  role: string,
  own: readonly OwnTable[] = OWN_TABLES,
): readonly string[] {
  const tables = [
    ledgerTable(dialect, location),
    ...own.map((table) => ownTable(dialect, location, table)),
  ];
  const to = grantee(dialect, role);
  if (dialect === 'mysql') return tables.map((table) => `grant select on ${table} to ${to}`);
  return [
    `grant usage on schema ${quoteIdentifier(dialect, location.schema ?? 'public')} to ${to}`,
    `grant select on ${tables.join(', ')} to ${to}`,
  ];
}

/**
 * The statements that let a role do what a replica does: read ledger and attempts, and write its own row of the fleet's registry.
 */
export function replicaGrants(
  dialect: Dialect,
  location: LedgerLocation,
  role: string,
): readonly string[] {
  const registry = ownTable(dialect, location, 'migration_instances');
  return [
    ...readGrants(dialect, location, role),
    `grant insert, update on ${registry} to ${grantee(dialect, role)}`,
  ];
}

/**
 * The statements that let a role write ledger and own tables, as a runner does.
 *
 * @param tables as they stand in SQL
 */
export function writeGrants(
  dialect: Dialect,
  location: LedgerLocation,
  role: string,
  tables: readonly string[],
): readonly string[] {
  const to = grantee(dialect, role);
  const rights = 'grant select, insert, update, delete on';
  if (dialect === 'mysql') return tables.map((table) => `${rights} ${table} to ${to}`);
  const schema = quoteIdentifier(dialect, location.schema ?? 'public');
  return [
    `grant usage on schema ${schema} to ${to}`,
    `${rights} ${tables.join(', ')} to ${to}`,
    `grant usage on all sequences in schema ${schema} to ${to}`,
  ];
}

/**
 * The login may not read what readiness and `status` read.
 *
 * @param own those of our tables that exist
 * @param what may not be read. @default the ledger
 */
export function missingReadPrivilege(
  server: ServerInfo,
  location: LedgerLocation,
  own: readonly OwnTable[],
  cause?: unknown,
  what = 'the migrations ledger',
): MigratorError {
  const grants = readGrants(server.dialect, location, server.user, own);
  return missingPrivilege(
    `The role ${server.user} may not read ${what} of ${server.database}.`,
    `As the owner: ${grants.join('; ')}; or name it in grantTo (--grant-to ${server.user}) of the next nest-migrate up.`,
    grants,
    cause,
  );
}

/** A command that works as the runner was given a login that may not even read what it would write. */
export function missingRunnerPrivilege(
  server: ServerInfo,
  location: LedgerLocation,
  cause?: unknown,
): MigratorError {
  const { dialect, user, database } = server;
  const tables = [
    ledgerTable(dialect, location),
    ...OWN_TABLES.map((table) => ownTable(dialect, location, table)),
  ];
  const grants = writeGrants(dialect, location, user, tables);
  return missingPrivilege(
    `The role ${user} may not write nest-migrate's tables of ${database}.`,
    `Use the login of the migrations (database.migrationUrl, MIGRATION_DATABASE_URL), or as the owner: ${grants.join('; ')};`,
    grants,
    cause,
  );
}

/**
 * The login may not create what is missing.
 *
 * @param state what was done all the same. @default nothing
 */
export function missingPrivilege(
  message: string,
  remedy: string,
  grants: readonly string[],
  cause?: unknown,
  state = 'Nothing was changed.',
): MigratorError {
  return new MigratorError('MISSING_PRIVILEGE', {
    message,
    remedy,
    state,
    details: { grants },
    ...(cause !== undefined && { cause }),
  });
}

function unquoted(name: string): string {
  return /^(['"`]).*\1$/.test(name) ? name.slice(1, -1) : name;
}

/** An account part as a MySQL string literal; backslash doubled for every sql_mode but NO_BACKSLASH_ESCAPES, where names do not hold one. */
function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
