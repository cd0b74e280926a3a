import { AssertionError } from 'node:assert';
import { isMigratorError, type ErrorCode } from '../errors.js';
import { loadJournal } from '../journal/load-journal.js';
import type { Migrator, UpResult } from '../migrator.js';
import { folderUpTo, type OlderFolder } from './old-build/folder-up-to.js';
import { runSuite, type Suite } from './old-build/run-suite.js';
import { folderOf } from './server/folder-of.js';
import { createScratch, type ScratchDatabase } from './server/scratch-database.js';
import { migratorOn, withMigrator, type TestMigratorOptions } from './server/scratch-migrator.js';
import { withTestContext, type Seed } from './server/test-context.js';
import { testServer } from './server/test-server.js';

/** Options of {@link expectOldBuildWorks}. */
export interface OldBuildOptions {
  /** Of any database of a server that is meant for tests; see `createTestDatabase`. */
  readonly url: string;
  /** The Drizzle Kit folder of the new release. */
  readonly migrations: string | URL;
  /** What the previous release shipped: its last migration, or its folder (a checkout of its tag). */
  readonly from: { readonly tag: string } | { readonly migrations: string | URL };
  /** The tests of the previous release. They run on the new schema. */
  readonly suite: Suite;
  /** Puts rows in between the migrations of the previous release and the new ones. @default none */
  readonly seed?: Seed;
  /**
   * What `up` refuses while the previous release runs, a breaking migration or one that stands behind a contract and that the new build needs: an error,
   * as in `up`; or it is held back with what comes after it, for a release that goes without the old builds from there on.
   * @default 'error'
   */
  readonly refused?: 'error' | 'hold-back';
  /** Further options of the migrator, such as `operations` and `codeMigrations`. */
  readonly migrator?: TestMigratorOptions;
}

/** What {@link expectOldBuildWorks} has tested. */
export interface OldBuildResult {
  /** New migrations that the old build has been run on. */
  readonly applied: readonly string[];
  /** Those that wait until no old build runs. */
  readonly heldBack: readonly string[];
}

/** What `up` says before it has touched anything. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['REFUSED_BREAKING', 'REFUSED_HELD_BACK']);

/**
 * That the previous release goes on working while the new one is rolled out: applies what the previous release shipped, registers a build of it, applies
 * the new migrations as `up` does beside a running old build (contracts wait), and runs the tests of the previous release on that schema.
 *
 * @throws {AssertionError} where the suite fails, and says whether it passes on the previous schema; where the old build would turn itself out of service
 * @throws {MigratorError} `REFUSED_BREAKING` for a migration that no old build may meet, `REFUSED_HELD_BACK`, and what `up` throws
 * @example
 * await expectOldBuildWorks({
 *   url, migrations: './drizzle', from: { tag: '0041_orders' },
 *   suite: { command: 'npm', args: ['test'], cwd: '../previous-release' },
 * });
 */
export async function expectOldBuildWorks(options: OldBuildOptions): Promise<OldBuildResult> {
  const server = testServer(options.url);
  const older = await olderFolder(options);
  const scratch = await createScratch(server);
  try {
    await asPreviousRelease(options, older, scratch);
    const result = await rolledOut(options, older, scratch);
    try {
      await runSuite(options.suite, scratch);
    } catch (error) {
      throw await broken(error, result, options, older);
    }
    return result;
  } finally {
    await scratch.drop();
    await older.remove();
  }
}

async function olderFolder({ migrations, from }: OldBuildOptions): Promise<OlderFolder> {
  if ('migrations' in from)
    return { folder: folderOf(from.migrations).folder, remove: () => Promise.resolve() };
  const { folder, given } = folderOf(migrations);
  return folderUpTo(folder, loadJournal(folder, given), from.tag);
}

async function asPreviousRelease(
  { migrator, seed }: OldBuildOptions,
  { folder }: OlderFolder,
  scratch: ScratchDatabase,
): Promise<void> {
  await withMigrator(scratch, folder, migrator, (one) => one.up());
  if (seed !== undefined) await withTestContext(scratch, (context) => seed(context));
}

/** The new migrations, beside a registered build of the previous release. */
async function rolledOut(
  { migrations, migrator, refused }: OldBuildOptions,
  { folder }: OlderFolder,
  scratch: ScratchDatabase,
): Promise<OldBuildResult> {
  const old = migratorOn(scratch, folder, { ...migrator, fleet: { mode: 'required' } });
  try {
    old.readiness.start();
    await inService(old, 'on its own schema');
    const fleet = { ...migrator?.fleet, mode: 'required' } as const;
    const result = await withMigrator(scratch, migrations, { ...migrator, fleet }, (one) =>
      upBeside(one, refused ?? 'error'),
    );
    await inService(old, 'on the new schema');
    return result;
  } finally {
    await old.close();
  }
}

/** Its readiness reads, registers it, and is what its load balancer goes by. */
async function inService(old: Migrator, where: string): Promise<void> {
  const { state, reasons } = await old.readiness.refreshed();
  if (state !== 'down') return;
  throw new AssertionError({
    message: `The previous release turns itself out of service ${where}: ${reasons.map(({ code }) => code).join(', ')}.`,
    actual: state,
    expected: 'up',
    operator: 'expectOldBuildWorks',
  });
}

async function upBeside(
  migrator: Migrator,
  refused: 'error' | 'hold-back',
): Promise<OldBuildResult> {
  const { migrations } = await migrator.status();
  const pending = migrations.flatMap(({ tag, verdict }) => (verdict === 'pending' ? tag : []));
  const done = async (up: Promise<UpResult>): Promise<OldBuildResult> => {
    const applied = (await up).applied.map(({ tag }) => tag);
    return { applied, heldBack: pending.filter((tag) => !applied.includes(tag)) };
  };
  try {
    return await done(migrator.up());
  } catch (error) {
    if (refused === 'error' || !isMigratorError(error) || !REFUSALS.has(error.code)) throw error;
    const last = pending[pending.indexOf(error.place.migration ?? '') - 1];
    if (last === undefined) return { applied: [], heldBack: pending };
    return done(migrator.up({ to: last }));
  }
}

/** A suite that fails on its own schema as well says nothing about the migrations. */
async function broken(
  error: unknown,
  { applied }: OldBuildResult,
  options: OldBuildOptions,
  older: OlderFolder,
): Promise<AssertionError> {
  const scratch = await createScratch(testServer(options.url));
  let onItsOwn = 'It passes on the schema of the previous release.';
  try {
    await asPreviousRelease(options, older, scratch);
    await runSuite(options.suite, scratch);
  } catch {
    onItsOwn =
      'It fails on the schema of the previous release as well: this says nothing about the migrations.';
  } finally {
    await scratch.drop();
  }
  const said = error instanceof Error ? error.message : String(error);
  const message = `The suite of the previous release fails on the new schema (${applied.join(', ') || 'nothing applied'}). ${onItsOwn}\n${said}`;
  const failure = new AssertionError({ message, operator: 'expectOldBuildWorks' });
  Object.defineProperty(failure, 'cause', { value: error, enumerable: false });
  return failure;
}
