import { AssertionError } from 'node:assert';
import { resolveLedgerLocation } from '../ledger/location.js';
import type { Migrator } from '../migrator.js';
import { wayBackOf } from './round-trip/way-back.js';
import { walkBackAndForth, type RoundTrip, type Walk } from './round-trip/walk.js';
import { schemaLines } from './schema/describe-schema.js';
import { loadJournal } from '../journal/load-journal.js';
import { folderOf } from './server/folder-of.js';
import { createScratch } from './server/scratch-database.js';
import { withMigrator, type TestMigratorOptions } from './server/scratch-migrator.js';
import { withTestContext, type Seed } from './server/test-context.js';
import { testServer, withTestSession } from './server/test-server.js';

/** Options of {@link expectRoundTrip}. */
export interface RoundTripOptions {
  /** Of any database of a server that is meant for tests; see `createTestDatabase`. */
  readonly url: string;
  /** The Drizzle Kit folder. */
  readonly migrations: string | URL;
  /** Further options of the migrator, such as `operations` and `codeMigrations`. */
  readonly migrator?: TestMigratorOptions;
  /** Puts rows in before each migration, so that it meets some. @default none: all tables are empty */
  readonly seed?: (
    context: Parameters<Seed>[0] & {
      /** The migration that comes next. */
      readonly next: string;
      /** The last one that is applied; null = none. */
      readonly applied: string | null;
    },
  ) => Promise<void>;
  /** Whether a migration without a way back is an error. @default false: it is listed in the result, with the reason */
  readonly everyMigration?: boolean;
}

/**
 * Every migration up, down and up again, on a database of its own: the schema after down must be the one before the migration, and the schema after
 * the second up the one after the first. Operations are run as the statements that they cover, which come to the same schema. Compared is what the catalogue says, columns by name: one that is added again comes last in its table.
 *
 * @throws {AssertionError} with what differs, object by object; with `everyMigration` for a migration without a way back
 * @throws {MigratorError} what `up` and `down` throw
 * @example
 * await expectRoundTrip({ url: process.env.TEST_DATABASE_URL, migrations: './drizzle' });
 */
export async function expectRoundTrip(options: RoundTripOptions): Promise<RoundTrip> {
  const { migrations, seed } = options;
  const server = testServer(options.url);
  const { dialect } = server;
  const { folder, given } = folderOf(migrations);
  const steps = loadJournal(folder, given).migrations.map((migration) => ({
    tag: migration.tag,
    noWayBack: wayBackOf(migration, dialect),
  }));
  refuseOneWay(steps, options.everyMigration === true);
  const scratch = await createScratch(server);
  try {
    const how = { ...options.migrator, scratch: true };
    return await withMigrator(scratch, migrations, how, (migrator) => {
      const location = resolveLedgerLocation(dialect, options.migrator);
      const walk: Walk = {
        up: async (to) => void (await migrator.up({ to })),
        down: (to) => revert(migrator, to),
        describe: () =>
          withTestSession(dialect, scratch.url, (session) => schemaLines(session, location)),
        seed: async (next, applied) => {
          if (seed === undefined) return;
          await withTestContext(scratch, (context) => seed({ ...context, next, applied }));
        },
      };
      return walkBackAndForth(steps, walk);
    });
  } finally {
    await scratch.drop();
  }
}

/** Contracts too: nobody runs on a database that was made for this. */
async function revert(migrator: Migrator, to: string | null): Promise<readonly string[]> {
  const { reverted } = await migrator.down({ to, contracts: 'revert' });
  return reverted.map(({ tag }) => tag);
}

function refuseOneWay(
  steps: readonly { readonly tag: string; readonly noWayBack: string | null }[],
  everyMigration: boolean,
): void {
  const oneWay = steps.filter(({ noWayBack }) => noWayBack !== null);
  if (!everyMigration || oneWay.length === 0) return;
  throw new AssertionError({
    message: [
      `${oneWay.length} of ${steps.length} migrations have no way back:`,
      ...oneWay.map(({ tag, noWayBack }) => `  ${tag}: ${noWayBack}`),
    ].join('\n'),
    actual: oneWay.map(({ tag }) => tag),
    expected: [],
    operator: 'expectRoundTrip',
  });
}
