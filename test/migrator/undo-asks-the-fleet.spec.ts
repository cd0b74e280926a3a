import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { renameColumn, tightenNotNull, type FleetProbe } from '../../src/index.js';
import { refusalOf } from '../bad-input/refusals.js';
import { kinds } from '../servers/index.js';
import { writeJournal } from '../journals/write-journal.js';
import { until } from '../waiting/until.js';
import { migratorWorld, type MigratorWorld, type WatchedMigrator } from './migrator-world.js';

const NAME = 'users-full-name';
const EXPAND = '0001_full_name';

describe.each(kinds)('undo of a rename on $name', ({ server, dialect }) => {
  const text = dialect === 'mysql' ? 'varchar(20)' : 'text';
  const operations = [
    renameColumn(NAME, { table: 'users', from: 'name', to: 'full_name' }),
    tightenNotNull('users-age', { table: 'users', column: 'age' }),
  ];
  let world: MigratorWorld;
  let migrator: WatchedMigrator;
  beforeEach(async () => {
    world = await migratorWorld(server, [
      { tag: '0000_init', sql: `CREATE TABLE users (id int PRIMARY KEY, name ${text}, age int)` },
      {
        tag: EXPAND,
        sql: `-- @operation ${NAME} expand\nALTER TABLE users ADD COLUMN full_name ${text}`,
      },
      { tag: '0002_rows', sql: `-- @operation ${NAME} backfill\n-- @operation ${NAME} verify` },
      { tag: '0003_age', sql: '-- @operation users-age expand' },
    ]);
    migrator = world.migrator({ operations, backfills: 'worker' });
    await migrator.up({ to: EXPAND });
    await world.database.query('INSERT INTO users (id, age) VALUES (7, 36)');
    await migrator.up();
  });
  afterEach(() => world.close());

  const replica = (build: string): WatchedMigrator => world.migrator({ operations, build });
  const recordOf = async (name: string) =>
    (await migrator.operations.list()).find((one) => one.name === name);
  const stateOf = async (name: string): Promise<string | undefined> =>
    (await recordOf(name))?.state;

  it('is refused while a build runs that may use the new column, and not for a rule', async () => {
    const running = replica('1.2.0');
    await running.readiness.refreshed();
    expect(await refusalOf(migrator.operations.undo(NAME))).toMatchObject({
      code: 'REFUSED_IN_USE',
      exitCode: 7,
      place: { migration: EXPAND, operation: NAME },
      message: expect.stringContaining('build 1.2.0') as unknown,
    });
    expect(await stateOf(NAME)).toBe('expanded');
    await migrator.operations.undo('users-age');
    await running.readiness.stop();
    await migrator.operations.undo(NAME);
    expect(await stateOf(NAME)).toBe('undone');
  });

  it('goes on with --allow-downtime, and the build says what it lacks', async () => {
    const running = replica('1.2.0');
    running.readiness.start();
    expect((await running.readiness.refreshed()).state).toBe('up');
    await migrator.operations.undo(NAME, { allowDowntime: true });
    const table = dialect === 'mysql' ? 'migration_attempts' : 'drizzle.migration_attempts';
    const [gate] = await world.database.query<{ reason: string; detail: unknown }>(
      `SELECT reason, detail FROM ${table} WHERE kind = 'gate' AND tag = '${EXPAND}'`,
    );
    expect(gate?.reason).toBe('allow-downtime');
    expect(JSON.stringify(gate?.detail)).toMatch(/downtime allowed/);
    await until('it is down', () => running.readiness.current().state === 'down', 20_000);
    expect(running.readiness.current().reasons[0]).toMatchObject({
      code: 'operation_not_ready',
      tags: [NAME],
    });
    await running.readiness.stop();
  });

  /** A build that starts within one of the looks, when the registry has been read. */
  const startsAt = (look: number, late: WatchedMigrator, states: string[]): WatchedMigrator => {
    let looks = 0;
    const probe: FleetProbe = {
      name: 'boots',
      look: async () => {
        looks += 1;
        if (looks === look) states.push((await late.readiness.refreshed()).state);
        return [];
      },
    };
    return world.migrator({ operations, fleet: { probes: [probe] } });
  };

  it('sees a build that came behind its first look, and leaves all as it was', async () => {
    const states: string[] = [];
    const runner = startsAt(1, replica('1.2.0'), states);
    expect(await refusalOf(runner.operations.undo(NAME))).toMatchObject({
      code: 'REFUSED_IN_USE',
      message: expect.stringContaining('build 1.2.0') as unknown,
    });
    expect([states, await recordOf(NAME)]).toEqual([
      ['up'],
      expect.objectContaining({ state: 'expanded', leftToWorker: ['backfill', 'verify'] }),
    ]);
    await world.database.query("INSERT INTO users (id, full_name, age) VALUES (1, 'ada', 36)");
    expect(await world.database.query('SELECT name FROM users WHERE id = 1')).toEqual([
      { name: 'ada' },
    ]);
  });

  it('is known to a build that comes behind its last look: that one is not ready', async () => {
    const states: string[] = [];
    await startsAt(2, replica('1.2.0'), states).operations.undo(NAME);
    expect([states, await stateOf(NAME)]).toEqual([['down'], 'undone']);
  });

  it('asks again where a runner died that had announced it, and puts back what was announced', async () => {
    await replica('1.2.0').readiness.refreshed();
    let looks = 0;
    const dies: FleetProbe = {
      name: 'dies',
      look: async ({ query }) => {
        looks += 1;
        if (looks === 2)
          await query(
            dialect === 'mysql'
              ? 'KILL CONNECTION_ID()'
              : 'SELECT pg_terminate_backend(pg_backend_pid())',
          );
        return [];
      },
    };
    const runner = world.migrator({ operations, fleet: { probes: [dies] } });
    await refusalOf(runner.operations.undo(NAME, { allowDowntime: true }));
    expect(await stateOf(NAME)).toBe('undoing');
    expect(await refusalOf(migrator.operations.undo(NAME))).toMatchObject({
      code: 'REFUSED_IN_USE',
    });
    expect(await recordOf(NAME)).toMatchObject({
      state: 'expanded',
      leftToWorker: ['backfill', 'verify'],
    });
  });

  it('knows who began it by a file that has a new comment, and asks everybody where the folder has none', async () => {
    await replica('1.2.0').readiness.refreshed();
    await world.journal.edit(
      EXPAND,
      `-- @todo tidy up\n-- @operation ${NAME} expand\nALTER TABLE users ADD COLUMN full_name ${text}`,
    );
    expect(await refusalOf(world.migrator({ operations }).operations.undo(NAME))).toMatchObject({
      code: 'REFUSED_IN_USE',
      place: { migration: EXPAND },
    });
    const older = await writeJournal(
      [{ tag: '0000_init', sql: `CREATE TABLE users (id int PRIMARY KEY, name ${text}, age int)` }],
      { dialect },
    );
    const rolledBack = world.migrator({ operations, migrations: older.folder });
    expect(await refusalOf(rolledBack.operations.undo(NAME))).toMatchObject({
      code: 'REFUSED_IN_USE',
      remedy: expect.stringContaining('the newest build that was deployed') as unknown,
    });
    await older.remove();
  });
});
