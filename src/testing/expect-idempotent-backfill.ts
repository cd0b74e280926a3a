import { AssertionError } from 'node:assert';
import type { Session } from '../database/database.js';
import { loadJournal } from '../journal/load-journal.js';
import { resolveLedgerLocation } from '../ledger/location.js';
import type { Operation } from '../operations/operation.js';
import { notRegistered } from '../operations/operation-errors.js';
import { beginAgain } from './backfill/begin-again.js';
import { firstDifference, rowsOf, type Rows } from './backfill/rows-of.js';
import { stopAfterFirstChunk } from './backfill/stop-after-first-chunk.js';
import { whereCalled, type CalledAt } from './backfill/where-called.js';
import { folderOf } from './server/folder-of.js';
import { createScratch, type ScratchDatabase } from './server/scratch-database.js';
import { withMigrator, type TestMigratorOptions } from './server/scratch-migrator.js';
import { withTestContext, type Seed } from './server/test-context.js';
import { testServer, withTestSession } from './server/test-server.js';

/** Options of {@link expectIdempotentBackfill}. */
export interface IdempotentBackfillOptions {
  /** Of any database of a server that is meant for tests; see `createTestDatabase`. */
  readonly url: string;
  /** The Drizzle Kit folder, with the line `-- @operation <name> backfill` in one of its migrations. */
  readonly migrations: string | URL;
  readonly operations: readonly Operation[];
  /** The operation's name. */
  readonly backfill: string;
  /** Puts rows in before the operation begins: two at least, and the same each time. */
  readonly seed: Seed;
  /** Columns that may differ, such as `updated_at`. @default none */
  readonly exceptColumns?: readonly string[];
  /** Whether every row is gone through a second time. False = it relies on the cursor, by which the engine does each row once. @default true */
  readonly twice?: boolean;
  /** Further options of the migrator. */
  readonly migrator?: Omit<TestMigratorOptions, 'operations' | 'backfills'>;
}

/** What {@link expectIdempotentBackfill} has tested. */
export interface IdempotentBackfillResult {
  /** Of the table. */
  readonly rows: number;
  /** That were done when the run was stopped. */
  readonly stoppedAfter: number;
  /** False where `twice` is, and where the operation's contract comes in the same migration. */
  readonly twice: boolean;
}

/**
 * That a backfill comes to the same rows however it is carried out: in one go; stopped after its first chunk and gone on with; and gone through a second
 * time from the first row. Each on a database of its own, compared row by row.
 *
 * @throws {AssertionError} with the key of the first row that differs and the names of the columns, never with what they hold
 * @throws {MigratorError} `UNKNOWN_OPERATION`, `USAGE` where no migration calls it, and what `up` throws
 * @example
 * await expectIdempotentBackfill({
 *   url, migrations: './drizzle', operations: [usersSlug], backfill: 'users-slug',
 *   seed: ({ query }) => query(`insert into users (name) values ('Ada'), ('Grace')`).then(() => undefined),
 * });
 */
export async function expectIdempotentBackfill(
  options: IdempotentBackfillOptions,
): Promise<IdempotentBackfillResult> {
  const server = testServer(options.url);
  const registered = new Map(options.operations.map((one) => [one.name, one]));
  const operation = registered.get(options.backfill);
  if (operation === undefined) throw notRegistered(options.backfill, registered);
  const { folder, given } = folderOf(options.migrations);
  const at = whereCalled(loadJournal(folder, given), operation.name, server.dialect);
  const calm = await createScratch(server);
  try {
    const disturbed = await createScratch(server);
    try {
      return await compared(options, operation, at, calm, disturbed);
    } finally {
      await disturbed.drop();
    }
  } finally {
    await calm.drop();
  }
}

async function compared(
  options: IdempotentBackfillOptions,
  operation: Operation,
  at: CalledAt,
  calm: ScratchDatabase,
  disturbed: ScratchDatabase,
): Promise<IdempotentBackfillResult> {
  const { backfill: tag } = at;
  const { name, table } = operation;
  const read = (scratch: ScratchDatabase): Promise<Rows> =>
    onScratch(scratch, (session) => rowsOf(session, table));
  const migrating = <T>(
    scratch: ScratchDatabase,
    one: Operation,
    body: Parameters<typeof withMigrator<T>>[3],
  ): Promise<T> => {
    const operations = options.operations.map((other) => (other === operation ? one : other));
    return withMigrator(scratch, options.migrations, { ...options.migrator, operations }, body);
  };
  const assertSame = async (expected: Rows, when: string): Promise<void> => {
    const found = firstDifference(expected, await read(disturbed), options.exceptColumns ?? []);
    if (found !== null) throw differs(`${name}: ${when}, ${found}.`);
  };

  for (const scratch of [calm, disturbed]) {
    if (at.before !== null)
      await migrating(scratch, operation, (migrator) => migrator.up({ to: at.before ?? tag }));
    await withTestContext(scratch, (context) => options.seed(context));
  }
  const seeded = await read(calm);
  await assertSame(seeded, 'seed puts in other rows each time, so that nothing can be compared');
  await migrating(calm, operation, (migrator) => migrator.up({ to: tag }));
  const expected = await read(calm);

  const stoppedAfter = await migrating(disturbed, slowed(operation), (migrator) =>
    stopAfterFirstChunk(migrator, tag, name),
  );
  if (stoppedAfter === null || stoppedAfter >= seeded.rows.size)
    throw differs(
      `${name}: it was over before it could be stopped between two rows. It goes through ${seeded.rows.size} row(s) of ${table.name} as seed leaves it, and two are needed.`,
    );
  await migrating(disturbed, operation, async (migrator) => {
    await migrator.backfills.setRate(name, null);
    await migrator.up({ to: tag });
  });
  await assertSame(expected, `stopped after ${stoppedAfter} row(s) and gone on with`);

  const twice = options.twice !== false && !at.endsThere;
  if (twice) {
    const location = resolveLedgerLocation(disturbed.dialect, options.migrator);
    await onScratch(disturbed, (session) => beginAgain(session, location, operation));
    await migrating(disturbed, operation, (migrator) => migrator.backfills.run({ name }));
    await assertSame(expected, 'gone through a second time');
  }
  return { rows: expected.rows.size, stoppedAfter, twice };
}

/** A row a second in one range: between its first chunk and the second there is time to stop it. How fast is no part of what an operation is. */
function slowed(operation: Operation): Operation {
  return { ...operation, backfill: { ...operation.backfill, ranges: 1, maxRowsPerSecond: 1 } };
}

function onScratch<T>(
  { dialect, url }: ScratchDatabase,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  return withTestSession(dialect, url, body);
}

function differs(message: string): AssertionError {
  return new AssertionError({ message, operator: 'expectIdempotentBackfill' });
}
