import type { Dialect, ServerInfo } from '../database/database.js';
import { qualify, quoteIdentifier } from '../database/identifiers.js';
import { MigratorError } from '../errors.js';
import type { Scope } from '../lock/lock.js';
import { backfillScope, lockScope } from '../lock/scope.js';
import type { LedgerLocation } from './ledger.js';

/** Our own tables, in the order in which the bootstrap makes them. They only ever grow. */
export const OWN_TABLES = [
  'migration_library',
  'migration_lock',
  'migration_attempts',
  'migration_operations',
  'migration_progress',
  'migration_instances',
] as const;

/**
 * Those without which the state of a database cannot be told. The rest may be missing, or closed to a reader that was let in before they existed:
 * whoever reads them asks the catalogue first.
 */
export const READ_TABLES = ['migration_library', 'migration_lock', 'migration_attempts'] as const;

/** One of our own tables. */
export type OwnTable = (typeof OWN_TABLES)[number];

/** Drizzle's own default. Source: drizzle-orm 0.45.4 and 1.0.0-rc.5, `migrate` of both dialects. */
const DEFAULT_TABLE = '__drizzle_migrations';
const DEFAULT_SCHEMA = 'drizzle';

/**
 * Where Drizzle's ledger is, from `migrations.table` and `migrations.schema` of drizzle.config.ts. MySQL ignores the schema, as Drizzle does.
 *
 * @throws {MigratorError} `CONFIGURATION` when a name is no name on this dialect, or is that of a table of ours
 */
export function resolveLedgerLocation(
  dialect: Dialect,
  options: { readonly migrationsTable?: string; readonly migrationsSchema?: string } = {},
): LedgerLocation {
  const location = {
    schema: dialect === 'postgresql' ? (options.migrationsSchema ?? DEFAULT_SCHEMA) : null,
    table: options.migrationsTable ?? DEFAULT_TABLE,
  };
  ledgerTable(dialect, location);
  if ((OWN_TABLES as readonly string[]).includes(location.table)) {
    throw new MigratorError('CONFIGURATION', {
      message: `migrationsTable is ${location.table}, which is the name of a table that nest-migrate keeps for itself.`,
      state: 'Nothing was changed.',
      remedy: 'Give the ledger table another name.',
    });
  }
  return location;
}

/** What the lock of this ledger is taken on: the table's qualified name. */
export function scopeOf(location: LedgerLocation, server: Pick<ServerInfo, 'database'>): Scope {
  return lockScope(location, server);
}

/** What the lock of whoever goes through rows beside `up` is taken on. */
export function backfillScopeOf(
  location: LedgerLocation,
  server: Pick<ServerInfo, 'database'>,
): Scope {
  return backfillScope(scopeOf(location, server));
}

/** The ledger table as it stands in SQL. */
export function ledgerTable(dialect: Dialect, location: LedgerLocation): string {
  return qualify(dialect, location.schema, location.table);
}

/** A table of ours as it stands in SQL: it lives where the ledger lives. */
export function ownTable(dialect: Dialect, location: LedgerLocation, table: OwnTable): string {
  return location.schema === null
    ? quoteIdentifier(dialect, table)
    : qualify(dialect, location.schema, table);
}
