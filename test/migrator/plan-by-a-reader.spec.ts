import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { renameColumn } from '../../src/index.js';
import { kinds, type TestUser } from '../servers/index.js';
import { migratorWorld, type MigratorWorld, type WatchedMigrator } from './migrator-world.js';

const NAME = 'users-full-name';
const rename = renameColumn(NAME, { table: 'users', from: 'name', to: 'full_name' });

/** A login that may only read is enough for a plan: what it may not do says nothing of the login that migrates. */
describe.each(kinds)('the plan of an operation on $name', ({ server, dialect }) => {
  const mysql = dialect === 'mysql';
  let world: MigratorWorld;
  const users: TestUser[] = [];

  beforeEach(async () => {
    world = await migratorWorld(server, [
      {
        tag: '0000_init',
        sql: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(100) NOT NULL)',
      },
      {
        tag: '0001_rename',
        sql: `-- @operation ${NAME} expand\nALTER TABLE users ADD COLUMN full_name varchar(100)`,
      },
    ]);
    await world.migrator().up({ to: '0000_init' });
  });
  afterEach(async () => {
    // One after the other: their rights stand in the same rows of the catalogue.
    for (const user of users.splice(0)) await user.drop();
    await world.close();
  });

  /** A login with rights on the bookkeeping, and on users no more than to read. */
  async function migratorAs(rights: string): Promise<WatchedMigrator> {
    const user = await world.database.createUser((name) =>
      mysql
        ? [
            `GRANT SELECT ON ${world.database.name}.* TO ${name}`,
            ...[
              '__drizzle_migrations',
              'migration_library',
              'migration_lock',
              'migration_attempts',
              'migration_operations',
              'migration_progress',
            ].map((table) => `GRANT ${rights} ON ${world.database.name}.${table} TO ${name}`),
          ]
        : [
            `GRANT USAGE ON SCHEMA drizzle TO ${name}`,
            `GRANT USAGE ON ALL SEQUENCES IN SCHEMA drizzle TO ${name}`,
            `GRANT ${rights} ON ALL TABLES IN SCHEMA drizzle TO ${name}`,
            `GRANT SELECT ON users TO ${name}`,
          ],
    );
    users.push(user);
    return world.migrator({ operations: [rename], database: { dialect, url: user.url } });
  }

  it('by a login that may only read refuses nothing, and says whose rights it did not see', async () => {
    const migrator = await migratorAs('SELECT');
    const { migrations, refusals, findings } = await migrator.plan();
    await migrator.close();
    expect(refusals).toEqual([]);
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'missing-privilege',
        severity: 'warning',
        tag: '0001_rename',
        message: expect.stringMatching(
          /may not write the ledger.*login of the migrations/,
        ) as unknown,
      }),
    );
    expect(migrations[0]?.statements.map(({ summary }) => summary).join()).toMatch(
      new RegExp(`^operation ${NAME} expand in place of statement 1: \\S`),
    );
  });

  it('by the login that migrates refuses for want of a right', async () => {
    const migrator = await migratorAs('SELECT, INSERT, UPDATE, DELETE');
    const { refusals } = await migrator.plan();
    await expect(migrator.up()).rejects.toMatchObject({ code: 'OPERATION_REFUSED' });
    await migrator.close();
    expect(refusals).toMatchObject([
      { code: 'OPERATION_REFUSED', details: { blockers: [{ code: 'missing-privilege' }] } },
    ]);
  });
});
