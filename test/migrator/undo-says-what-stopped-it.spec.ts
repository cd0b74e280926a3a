import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isMigratorError, renameColumn, type MigratorError } from '../../src/index.js';
import { holdTable } from '../run/table-holder.js';
import { kinds, type TestUser } from '../servers/index.js';
import { migratorWorld, type MigratorWorld } from './migrator-world.js';

const NAME = 'users-full-name';
const rename = renameColumn(NAME, { table: 'users', from: 'name', to: 'full_name' });
const UNDOING = 'The operation is undoing; what is taken back stays so.';
const AGAIN = new RegExp(`nest-migrate operation undo ${NAME} again`);

/** What undo meets is told as what up meets is: a code, a place, what was done and what to type. */
describe.each(kinds)('an undo that is stopped on $name', ({ server, dialect, flavour }) => {
  const mysql = dialect === 'mysql';
  let world: MigratorWorld;
  let user: TestUser | null = null;

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
    await world.database.query(`INSERT INTO users VALUES (1, 'canary-77ab')`);
    await world.migrator({ operations: [rename] }).up();
  });
  afterEach(async () => {
    await user?.drop();
    user = null;
    await world.close();
  });

  const refusalOf = async (work: Promise<unknown>): Promise<MigratorError> => {
    const error = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!isMigratorError(error)) throw error ?? new Error('it was not refused');
    expect(JSON.stringify(error)).not.toContain('canary');
    expect(error.remedy).toMatch(AGAIN);
    return error;
  };
  const state = async (): Promise<string | undefined> => {
    const [status] = await world.migrator({ operations: [rename] }).operations.list();
    return status?.state;
  };
  const columns = async (): Promise<readonly string[]> => {
    const [row] = await world.database.query('SELECT * FROM users');
    return Object.keys(row ?? {});
  };

  it('by a transaction that holds the table: names it, and goes on behind it', async () => {
    const holder = await holdTable(dialect, world.database.url, 'users');
    const migrator = world.migrator({ operations: [rename], lockTimeoutMs: 200, lockLadderMs: 1 });
    const error = await refusalOf(migrator.operations.undo(NAME));
    await holder.release();
    expect(error).toMatchObject({
      code: 'LOCK_TIMEOUT',
      exitCode: 3,
      place: { operation: NAME, action: 'drop-new' },
      state: UNDOING,
    });
    expect(JSON.stringify(error.details)).toContain(`"pid":"${holder.pid}"`);
    expect(await state()).toBe('undoing');
    expect(await migrator.operations.undo(NAME)).toMatchObject({ from: 'undoing' });
    expect(await columns()).toEqual(['id', 'name']);
  });

  it('by a role without the right to it: is refused before anything is touched', async () => {
    user = await world.database.createUser((name) =>
      mysql
        ? [
            `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, INDEX ON ${world.database.name}.* TO ${name}`,
          ]
        : [
            `GRANT USAGE, CREATE ON SCHEMA drizzle TO ${name}`,
            `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA drizzle TO ${name}`,
            `GRANT USAGE ON ALL SEQUENCES IN SCHEMA drizzle TO ${name}`,
          ],
    );
    const migrator = world.migrator({ operations: [rename], database: { dialect, url: user.url } });
    const error = await refusalOf(migrator.operations.undo(NAME));
    expect(error).toMatchObject({
      code: 'MISSING_PRIVILEGE',
      exitCode: 64,
      state: 'Nothing was changed.',
      message: expect.stringContaining(user.name) as unknown,
    });
    expect(await state()).toBe('expanded');
    const { grants } = error.details as { readonly grants: readonly string[] };
    expect(error.remedy).toMatch(
      mysql ? /^As an administrator: grant / : /^Only the owner of the table/,
    );
    expect(error.remedy).toContain(grants.join('; '));
    expect(error.remedy.includes('log_bin_trust_function_creators')).toBe(flavour === 'mariadb');
    const given = [
      ...(mysql ? grants : [ownersRole(user.name)]),
      ...(flavour === 'mariadb' ? [`GRANT SUPER ON *.* TO ${user.name}`] : []),
    ];
    for (const grant of given) await world.database.query(grant);
    expect(await migrator.operations.undo(NAME)).toMatchObject({ from: 'expanded' });
    expect(await columns()).toEqual(['id', 'name']);
    await migrator.close();
  });

  it('by what refers to the column: gives the code of the server, and goes on without it', async () => {
    await world.database.query(
      mysql
        ? 'ALTER TABLE users ADD COLUMN size int GENERATED ALWAYS AS (length(full_name)) VIRTUAL'
        : 'CREATE VIEW seen AS SELECT full_name FROM users',
    );
    const migrator = world.migrator({ operations: [rename] });
    expect(await refusalOf(migrator.operations.undo(NAME))).toMatchObject({
      code: 'MIGRATION_FAILED',
      exitCode: 1,
      place: { operation: NAME, action: 'drop-new' },
      state: UNDOING,
      driver: mysql ? { errno: flavour === 'mysql' ? 3108 : 1054 } : { code: '2BP01' },
    });
    await world.database.query(mysql ? 'ALTER TABLE users DROP COLUMN size' : 'DROP VIEW seen');
    expect(await migrator.operations.undo(NAME)).toMatchObject({ from: 'undoing' });
    expect(await columns()).toEqual(['id', 'name']);
  });
});

/** What an administrator of Postgres does on the advice to grant the role of the owner. */
function ownersRole(to: string): string {
  return `DO $$ BEGIN EXECUTE format('GRANT %I TO ${to}', current_user); END $$`;
}
