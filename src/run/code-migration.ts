import type { Session } from '../database/database.js';
import { MigratorError } from '../errors.js';
import type { CodeMigration, CodeMigrationContext } from '../options.js';

/** Calls a code migration, or its way back, on the runner's session, inside the open transaction. */
export async function runCodeMigration(
  migration: CodeMigration,
  back: boolean,
  session: Session,
  signal: AbortSignal,
): Promise<void> {
  const context: CodeMigrationContext = {
    dialect: session.server.dialect,
    signal,
    session,
    query: (sql, params) => session.query(sql, params),
    drizzle: <Db>() => bindDrizzle<Db>(session),
  };
  if (!back) await migration.up(context);
  else if (migration.down !== undefined) await migration.down(context);
  else throw new TypeError(`code migration ${migration.name} has no down()`);
}

/** Drizzle's own binding for the driver that is in use; loaded only when a code migration asks for it. */
async function bindDrizzle<Db>(session: Session): Promise<Db> {
  const entry = {
    postgresql: 'drizzle-orm/node-postgres',
    pglite: 'drizzle-orm/pglite',
    mysql: 'drizzle-orm/mysql2',
    mariadb: 'drizzle-orm/mysql2',
  }[session.server.flavour];
  try {
    const { drizzle } = (await import(entry)) as {
      readonly drizzle: (config: { readonly client: unknown }) => Db;
    };
    return drizzle({ client: session.driver });
  } catch (cause) {
    throw new MigratorError('MISSING_PACKAGE', {
      message: `A code migration asked for a Drizzle database, and ${entry} cannot be loaded.`,
      remedy: 'npm install drizzle-orm',
      cause,
    });
  }
}
