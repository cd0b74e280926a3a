import { afterEach, describe, expect, it } from '@jest/globals';
import { renameColumn, tightenNotNull, type MigratorOptions } from '../../src/index.js';
import { refusalOf } from '../bad-input/refusals.js';
import { dumpSchema } from '../journals/schema-dump.js';
import { stockMigrate } from '../journals/stock.js';
import { kinds } from '../servers/index.js';
import { migratorWorld, type MigratorWorld } from './migrator-world.js';

const NAME = 'users-full-name';

/** Databases that are made between the beginning of an operation and its end: a laptop, a new customer's, one that stock migrate() made. */
describe.each(kinds)('a database made while an operation is open, on $name', (version) => {
  const { server, dialect } = version;
  const text = dialect === 'mysql' ? 'varchar(20)' : 'text';
  const operations = [renameColumn(NAME, { table: 'users', from: 'name', to: 'full_name' })];
  const INIT = {
    tag: '0000_init',
    sql: `CREATE TABLE users (id int PRIMARY KEY, name ${text} NOT NULL)`,
  };
  const EXPAND = {
    tag: '0001_full_name',
    sql: `-- @operation ${NAME} expand\nALTER TABLE users ADD COLUMN full_name ${text};\n-- @operation ${NAME} backfill\n-- @operation ${NAME} verify`,
    down: 'ALTER TABLE users DROP COLUMN full_name',
  };
  const CONTRACT = {
    tag: '0002_no_name',
    sql: `-- @operation ${NAME} contract\nALTER TABLE users DROP COLUMN name`,
  };
  const worlds: MigratorWorld[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close();
  });
  const start = async (
    ...migrations: readonly { readonly tag: string; readonly sql: string }[]
  ): Promise<MigratorWorld> => {
    const world = await migratorWorld(server, migrations);
    worlds.push(world);
    return world;
  };
  const rows = (world: MigratorWorld): Promise<unknown> =>
    world.database.query('SELECT * FROM users ORDER BY id');

  it.each([
    ['by up', {}],
    ['by up that leaves rows to a worker', { backfills: 'worker' }],
  ] as const)(
    'has its trigger %s, takes rows of the new release, and goes on to the contract',
    async (_, said: Partial<MigratorOptions>) => {
      const world = await start(INIT, EXPAND);
      await world.migrator({ operations, ...said }).up();
      // The old column is NOT NULL, and this release does not name it.
      await world.database.query("INSERT INTO users (id, full_name) VALUES (1, 'ada')");
      await world.database.query("INSERT INTO users (id, name) VALUES (2, 'bob')");
      expect(await rows(world)).toEqual([
        { id: 1, name: 'ada', full_name: 'ada' },
        { id: 2, name: 'bob', full_name: 'bob' },
      ]);
      await world.journal.add(CONTRACT);
      await world.migrator({ operations, ...said }).up();
      expect(await rows(world)).toEqual([
        { id: 1, full_name: 'ada' },
        { id: 2, full_name: 'bob' },
      ]);
    },
  );

  it('has the schema of one that had data when the operation began', async () => {
    const born = await start(INIT, EXPAND);
    await born.migrator({ operations }).up();
    const grown = await start(INIT, EXPAND);
    await grown.migrator({ operations }).up({ to: INIT.tag });
    await grown.database.query("INSERT INTO users VALUES (1, 'ada')");
    await grown.migrator({ operations }).up();
    await grown.database.query('DELETE FROM users');
    expect(await dumpSchema(born.database.url)).toBe(await dumpSchema(grown.database.url));
  });

  it('has none of it where the operation ends in the same run, or is registered nowhere', async () => {
    const ended = await start(INIT, EXPAND, CONTRACT);
    await ended.migrator({ operations }).up();
    expect(await ended.migrator({ operations }).operations.list()).toMatchObject([
      { name: NAME, state: 'planned' },
    ]);
    const deleted = await start(INIT, EXPAND);
    const { findings } = await deleted.migrator().up();
    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'operation-not-registered', tag: EXPAND.tag }),
    );
    expect(await deleted.migrator().operations.list()).toEqual([]);
  });

  it('serves on when it is past an operation whose definition is deleted, and another is registered', async () => {
    const world = await start(INIT, EXPAND, CONTRACT);
    await world.migrator({ operations }).up();
    const other = tightenNotNull('users-again', { table: 'users', column: 'full_name' });
    const later = world.migrator({ operations: [other] });
    expect(await later.readiness.refreshed()).toMatchObject({ state: 'up' });
    expect(await later.canRun()).toMatchObject({ canRun: true });
  });

  it('goes on where its first run failed behind the beginning of the operation', async () => {
    const failing = { ...EXPAND, tag: '0002_fails', sql: 'ALTER TABLE nowhere ADD COLUMN x int' };
    const world = await start(INIT, EXPAND, failing);
    expect(await refusalOf(world.migrator({ operations }).up())).toMatchObject({
      code: 'MIGRATION_FAILED',
    });
    await world.journal.edit('0002_fails', CONTRACT.sql);
    await world.database.query("INSERT INTO users (id, full_name) VALUES (1, 'ada')");
    await world.migrator({ operations }).up();
    expect(await rows(world)).toEqual([{ id: 1, full_name: 'ada' }]);
  });

  it.each([
    ['behind the statements of an operation that ends in it', EXPAND],
    [
      'in the middle of them',
      {
        ...EXPAND,
        sql: `${EXPAND.sql}\n-- @online\nCREATE INDEX users_missing ON users (missing);`,
      },
    ],
  ])('goes on where its first run failed %s', async (_, expand) => {
    const failing = { tag: '0002_fails', sql: 'ALTER TABLE nowhere ADD COLUMN x int' };
    const world = await start(INIT, expand, failing, { ...CONTRACT, tag: '0003_no_name' });
    await refusalOf(world.migrator({ operations }).up());
    await world.journal.edit(EXPAND.tag, expand.sql.replace('(missing)', '(full_name)'));
    await world.journal.edit('0002_fails', 'CREATE TABLE fine (id int)');
    await world.migrator({ operations }).up();
    await world.database.query("INSERT INTO users (id, full_name) VALUES (1, 'ada')");
    expect(await rows(world)).toEqual([{ id: 1, full_name: 'ada' }]);
  });

  it('was made by stock migrate(): the contract is refused with what happened, and what it names leads out', async () => {
    const world = await start(INIT, EXPAND);
    await stockMigrate(world.database.url, world.journal.folder);
    await world.database.query("INSERT INTO users (id, name) VALUES (1, 'ada')");
    await world.journal.add(CONTRACT);
    const refusal = await refusalOf(world.migrator({ operations }).up());
    expect(refusal).toMatchObject({
      code: 'OPERATION_OUT_OF_ORDER',
      place: { migration: CONTRACT.tag },
      message: expect.stringContaining(
        `${EXPAND.tag}, which calls expand, backfill, verify`,
      ) as unknown,
      remedy: expect.stringContaining(`nest-migrate down --to ${INIT.tag}`) as unknown,
    });
    expect(await rows(world)).toEqual([{ id: 1, name: 'ada', full_name: null }]);
    await world.migrator({ operations }).down({ to: INIT.tag });
    await world.migrator({ operations }).up();
    expect(await rows(world)).toEqual([{ id: 1, full_name: 'ada' }]);
  });
});
