import { createDatabase } from '../../database/create-database.js';
import { StatementError, type Dialect, type Session } from '../../database/database.js';
import { MigratorError } from '../../errors.js';
import type { DatabaseOptions } from '../../options.js';

/** A server on which databases for tests are made, by the login that its URL names. */
export interface TestServer {
  readonly dialect: Dialect;
  /** Of a database that is there, and that nothing is done to: the one given, on MySQL `information_schema`. */
  readonly url: string;
  /** The URL of another database of it. */
  urlOf(name: string): string;
}

/**
 * @throws {MigratorError} `REFUSED_PRODUCTION` with `NODE_ENV=production`, `CONFIGURATION` for PGlite, which has no server
 */
export function testServer(
  url: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): TestServer {
  if (env['NODE_ENV'] === 'production')
    throw new MigratorError('REFUSED_PRODUCTION', {
      message: 'The test kit makes and drops databases, and is refused with NODE_ENV=production.',
      state: 'Nothing was connected to and nothing was changed.',
      remedy: 'Run tests with NODE_ENV=test, against a server that is meant for them.',
    });
  if (/^(pglite|memory):/i.test(url.trim()))
    throw new MigratorError('CONFIGURATION', {
      message: 'PGlite has no server that databases for tests could be made on.',
      state: 'Nothing was changed.',
      remedy:
        'Make a new PGlite instance a test, and give it to createMigrator as database.client; the test kit takes the URL of a Postgres, MySQL or MariaDB server.',
    });
  const given = url.trim();
  const urlOf = (name: string): string => withDatabase(given, name);
  if (/^(mysql2?|mariadb):/i.test(given))
    return { dialect: 'mysql', url: urlOf('information_schema'), urlOf };
  return {
    dialect: 'postgresql',
    url: NAMES_DATABASE.test(given) ? given : urlOf('postgres'),
    urlOf,
  };
}

const NAMES_DATABASE = /^[a-z]+:\/\/[^/?#]*\/[^?#]/i;

/** By text, for a URL whose host is empty (`user@/db?host=/socket`) is none to `new URL`. */
function withDatabase(url: string, name: string): string {
  return url.replace(
    /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)(?:\/[^?#]*)?/i,
    (_, authority: string) => `${authority}/${encodeURIComponent(name)}`,
  );
}

/**
 * Options of a database for tests. The runner's address stands there as well: `MIGRATION_DATABASE_URL` of a developer's environment must not lead
 * the migrations of a test to another database.
 */
export function optionsOf(dialect: Dialect, url: string): DatabaseOptions {
  return { dialect, url, migrationUrl: url };
}

/** A session as a bracket. What the server refuses outside of a migration is a `MigratorError` without its text. */
export async function withTestSession<T>(
  dialect: Dialect,
  url: string,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  const database = createDatabase(optionsOf(dialect, url));
  const session = await database.connect({
    role: 'runner',
    applicationName: 'nestjs-drizzle-migrator/testing',
  });
  try {
    return await body(session);
  } catch (error) {
    throw error instanceof StatementError ? refusedByServer(error, session) : error;
  } finally {
    await session.close();
    await database.close();
  }
}

function refusedByServer(error: StatementError, { server }: Session): MigratorError {
  const { facts } = error;
  const code = facts.code ?? String(facts.errno ?? 'no code');
  if (error.kind === 'privilege')
    return new MigratorError('MISSING_PRIVILEGE', {
      message: `The login ${server.user} may not do what the test kit needs (${code}).`,
      remedy:
        server.dialect === 'postgresql'
          ? `As an administrator: alter role "${server.user}" createdb; or give the URL of a login that may make databases.`
          : `As an administrator: grant all on \`mg\\_test\\_%\`.* to '${server.user}'@'%'; or give the URL of a login that may make databases.`,
      driver: facts,
      cause: error,
    });
  return new MigratorError('MIGRATION_FAILED', {
    message: `The server refused a statement of the test kit, or of a callback that was given to it (${code}).`,
    remedy: 'The code of the server says why; the cause of this error has its own words.',
    driver: facts,
    cause: error,
  });
}
