import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isMigratorError, renameColumn, type MigratorError } from '../../src/index.js';
import { kinds, type TestUser } from '../servers/index.js';
import { migratorWorld, type MigratorWorld, type WatchedMigrator } from './migrator-world.js';

const NAME = 'users-full-name';
const rename = renameColumn(NAME, { table: 'users', from: 'name', to: 'full_name' });

/** What there was to grant before there were operations. */
const OLDER = ['__drizzle_migrations', 'migration_library', 'migration_lock', 'migration_attempts'];
const NEWER = ['migration_operations', 'migration_progress'];

describe.each(kinds)('a role let in before there were operations, on $name', (version) => {
  const mysql = version.dialect === 'mysql';
  const prefix = mysql ? '' : 'drizzle.';
  let world: MigratorWorld;
  let user: TestUser;
  let reader: WatchedMigrator;

  beforeEach(async () => {
    world = await migratorWorld(version.server, [
      {
        tag: '0000_init',
        sql: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(100) NOT NULL)',
      },
      {
        tag: '0001_rename',
        sql: `-- @operation ${NAME} expand\nALTER TABLE users ADD COLUMN full_name varchar(100)`,
      },
    ]);
    await world.migrator({ operations: [rename] }).up({ to: '0000_init' });
    user = await world.database.createUser((name) => [
      ...(mysql ? [] : [`GRANT USAGE ON SCHEMA drizzle TO ${name}`]),
      ...[...OLDER, ...(mysql ? ['users'] : [])].map(
        (table) =>
          `GRANT SELECT ON ${mysql ? `${world.database.name}.` : prefix}${table} TO ${name}`,
      ),
    ]);
    reader = world.migrator({
      operations: [rename],
      database: { dialect: world.dialect, url: user.url },
    });
  });
  afterEach(async () => {
    await user.drop();
    await world.close();
  });

  /** An older library has never made them. */
  async function asOlderLibraryLeftIt(): Promise<void> {
    for (const table of NEWER) await world.database.query(`DROP TABLE ${prefix}${table}`);
    await world.database.query(
      `DELETE FROM ${prefix}migration_library WHERE version = '0001_operations'`,
    );
  }

  const refusalOf = async (work: Promise<unknown>): Promise<MigratorError> => {
    const error = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!isMigratorError(error)) throw error ?? new Error('it was not refused');
    return error;
  };

  it('serves on, unregistered, and does not know where an operation stands', async () => {
    await world.migrator({ operations: [rename] }).up();
    expect(await reader.readiness.refreshed()).toEqual({
      state: 'degraded',
      reasons: [{ code: 'unregistered' }],
    });
    expect(reader.operations.phase(NAME)).toBeNull();
    const owner = world.migrator({ operations: [rename] });
    await owner.readiness.refreshed();
    expect(owner.operations.phase(NAME)).toBe('expanded');
  });

  it('knows that none is begun where an older library made the ledger', async () => {
    await asOlderLibraryLeftIt();
    await reader.readiness.refreshed();
    expect(reader.operations.phase(NAME)).toBe('planned');
    expect(await reader.operations.list()).toMatchObject([{ name: NAME, state: 'planned' }]);
    expect(await reader.backfills.list()).toEqual([]);
    expect((await reader.plan()).migrations).toMatchObject([{ tag: '0001_rename' }]);
    expect((await reader.status()).counts.pending).toBe(1);
  });

  it.each([
    ['operation list', (by: WatchedMigrator) => by.operations.list()],
    ['backfill list', (by: WatchedMigrator) => by.backfills.list()],
    ['plan', (by: WatchedMigrator) => by.plan()],
    ['status', (by: WatchedMigrator) => by.status()],
  ])('%s names the GRANT that it lacks, and works behind it', async (_command, read) => {
    const error = await refusalOf(read(reader));
    expect(error).toMatchObject({
      code: 'MISSING_PRIVILEGE',
      exitCode: 64,
      state: 'Nothing was changed.',
      message: expect.stringContaining(user.name),
    });
    const { grants } = error.details as { readonly grants: readonly string[] };
    expect(error.remedy).toContain(grants.join('; '));
    for (const grant of grants) await world.database.query(grant);
    await expect(read(reader)).resolves.toBeDefined();
  });

  it.each([
    ['operation undo', (by: WatchedMigrator) => by.operations.undo(NAME)],
    ['backfill pause', (by: WatchedMigrator) => by.backfills.pause(NAME)],
  ])('%s is refused for want of a right, and changes nothing', async (_command, write) => {
    await world.migrator({ operations: [rename] }).up();
    expect(await refusalOf(write(reader))).toMatchObject({
      code: 'MISSING_PRIVILEGE',
      state: 'Nothing was changed.',
      details: { grants: expect.arrayContaining([expect.stringMatching(/^grant .*select/)]) },
    });
    expect(await world.migrator({ operations: [rename] }).operations.list()).toMatchObject([
      { name: NAME, state: 'expanded' },
    ]);
  });
});
