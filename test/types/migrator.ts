// Not run: `npm run typecheck` reads it. A line under @ts-expect-error that compiles after all fails it.
import {
  createMigrator,
  isMigratorError,
  type ErrorCode,
  type Migrator,
  type MigratorOptions,
  type RunEvent,
  type StatusResult,
  type UpResult,
} from '../../src/index.js';
import { redlock } from '../../src/lock/redlock/index.js';
import { same } from './same.js';

const url = 'postgresql://h/d';

// Every way to name a database.
createMigrator({ database: { dialect: 'postgresql', url } });
createMigrator({ database: { dialect: 'mysql', url, migrationUrl: url } });
createMigrator({ database: { dialect: 'postgresql', connection: { host: 'h', port: 5432 } } });
createMigrator({ database: { dialect: 'postgresql', client: {} } });
createMigrator({
  database: { dialect: 'mysql', url },
  migrations: new URL('drizzle', import.meta.url),
  coordinator: redlock({ urls: ['redis://h'] }),
  lock: { waitMs: 0, drain: 'fail' },
  policies: { outOfOrder: 'error' },
  codeMigrations: [{ name: 'fill', up: async (context) => void (await context.query('select 1')) }],
});

// @ts-expect-error a database is needed
createMigrator({});
// @ts-expect-error so is its dialect
createMigrator({ database: { url } });
// @ts-expect-error MariaDB is mysql
createMigrator({ database: { dialect: 'mariadb', url } });
// @ts-expect-error a URL is text
createMigrator({ database: { dialect: 'mysql', url: new URL(url) } });
// @ts-expect-error an option that does not exist
createMigrator({ database: { dialect: 'mysql', url }, migrationsFolder: './drizzle' });
// @ts-expect-error milliseconds are a number
createMigrator({ database: { dialect: 'mysql', url }, lockTimeoutMs: '5s' });
// @ts-expect-error roles are a list
createMigrator({ database: { dialect: 'mysql', url }, grantTo: 'app' });
// @ts-expect-error another word
createMigrator({ database: { dialect: 'mysql', url }, policies: { edited: 'ignore' } });
// @ts-expect-error an option left out is not there; undefined is not a URL
export const options: MigratorOptions = { database: { dialect: 'mysql', url: undefined } };

/** Results and arguments of each call. */
export async function calls(migrator: Migrator): Promise<void> {
  const up = await migrator.up({ to: '0001_a', waitMs: 0, signal: AbortSignal.timeout(1) });
  same<typeof up, UpResult>(true);
  same<typeof up.outcome, 'applied' | 'nothing-to-do'>(true);
  // @ts-expect-error what was found is not to be changed
  up.applied.push(up.applied[0]!);
  // @ts-expect-error an option of another name
  await migrator.up({ wait: 10 });

  const status = await migrator.status();
  same<typeof status, StatusResult>(true);
  same<typeof status.lock.state, 'free' | 'held' | 'abandoned'>(true);
  // @ts-expect-error nobody may have the lock
  status.lock.holder.id.trim();

  await migrator.repair('0001_a', 'applied', { reason: 'by hand' });
  // @ts-expect-error a reason is needed
  await migrator.repair('0001_a', 'applied');
  // @ts-expect-error another word
  await migrator.repair('0001_a', 'done', { reason: 'by hand' });
  // @ts-expect-error a lock is taken from somebody named
  await migrator.unlock({ terminate: true });
  same<ReturnType<typeof migrator.readiness.current>['state'], 'up' | 'degraded' | 'down'>(true);
  same<Parameters<Parameters<typeof migrator.onEvent>[0]>[0], RunEvent>(true);
}

/** What a catch clause knows. */
export function code(error: unknown): ErrorCode | null {
  if (!isMigratorError(error)) return null;
  same<typeof error.code, ErrorCode>(true);
  // @ts-expect-error a code that does not exist
  if (error.code === 'LOCKED') return null;
  // @ts-expect-error `driver` is there only where a driver said something
  void error.driver.code;
  return error.code;
}

/** An event is told by its type. */
export function tagOf(event: RunEvent): string | null {
  if (event.type === 'migration.finished') return event.tag;
  // @ts-expect-error not every event has a tag
  return event.tag ?? null;
}
