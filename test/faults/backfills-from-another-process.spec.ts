import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { backfill, type BackfillStatus } from '../../src/index.js';
import {
  migratorWorld,
  type MigratorWorld,
  type WatchedMigrator,
} from '../migrator/migrator-world.js';

const NAME = 't-plus-one';
const ROWS = 1500;
/** Slow enough to be met while it runs, until the limit is taken away. */
const operation = backfill(NAME, {
  table: 't',
  set: { n: 'n + 1' },
  backfill: { maxRowsPerSecond: 100, ranges: 1 },
});

/** Issue 3, point 4: pause, resume, cancel and rate from another process. */
describe.each(['postgres18', 'mysql'] as const)('a backfill on %s', (server) => {
  let world: MigratorWorld;
  let runner: WatchedMigrator;
  /** Knows neither the operation nor the runner. */
  let other: WatchedMigrator;

  beforeEach(async () => {
    world = await migratorWorld(server, [
      { tag: '0000_init', sql: 'CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL);' },
      { tag: '0001_rows', sql: `-- @operation ${NAME} backfill\nUPDATE t SET n = n + 1;` },
    ]);
    runner = world.migrator({ operations: [operation] });
    other = world.migrator();
    await runner.up({ to: '0000_init' });
    const numbers =
      world.dialect === 'postgresql'
        ? `SELECT i, 0 FROM generate_series(1, ${ROWS}) i`
        : `WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${ROWS}) SELECT /*+ SET_VAR(cte_max_recursion_depth = ${ROWS}) */ i, 0 FROM s`;
    await world.database.query(`INSERT INTO t ${numbers}`);
    await world.database.query(world.dialect === 'mysql' ? 'ANALYZE TABLE t' : 'ANALYZE t');
  });
  afterEach(() => world.close());

  const listed = async (): Promise<BackfillStatus> => {
    const [status, ...more] = await other.backfills.list();
    if (status === undefined || more.length > 0) throw new Error('one pass was expected');
    return status;
  };
  /** A run that has done its first rows. */
  const atWork = async (): Promise<{ readonly running: Promise<unknown> }> => {
    const running = runner.up();
    running.catch(() => undefined);
    await Promise.race([runner.seen(({ type }) => type === 'backfill.progress'), running]);
    return { running };
  };
  const paused = () =>
    runner.seen((event) => event.type === 'backfill.throttled' && event.reason === 'paused');
  const timesDone = () =>
    world.database.query(`SELECT n, count(*) AS many FROM t GROUP BY n ORDER BY n`);

  it('is shown, paused, resumed and let loose by somebody who only knows its name', async () => {
    const { running } = await atWork();
    expect(await listed()).toMatchObject({
      name: NAME,
      pass: 'backfill',
      state: 'running',
      table: 't',
      ranges: 1,
      rangesDone: 0,
      want: 'run',
      maxRowsPerSecond: 100,
      quietMs: expect.any(Number),
      etaMs: expect.any(Number),
      failures: [],
      finishedAt: null,
    });

    expect(await other.backfills.pause(NAME)).toMatchObject([{ state: 'paused', want: 'pause' }]);
    await paused();
    const still = await listed();
    expect(still).toMatchObject({ state: 'paused', etaMs: null, quietMs: null });
    expect(still.rows).toBeGreaterThan(0);
    expect(still.rows).toBeLessThan(ROWS);
    expect(still.percent).toBeGreaterThan(0);
    expect(still.percent).toBeLessThan(100);

    expect(await other.backfills.setRate(NAME, null)).toMatchObject([{ maxRowsPerSecond: null }]);
    expect(await other.backfills.resume(NAME)).toMatchObject([{ state: 'running' }]);
    await running;
    expect(await listed()).toMatchObject({
      state: 'finished',
      rows: ROWS,
      changed: ROWS,
      percent: 100,
      rangesDone: 1,
      finishedAt: expect.stringMatching(/^\d{4}-/),
    });
  });

  it('is cancelled, stays so for the next run, and goes on behind its last chunk once resumed', async () => {
    const { running } = await atWork();
    expect(await other.backfills.cancel(NAME)).toMatchObject([{ state: 'cancelled' }]);
    await expect(running).rejects.toMatchObject({ code: 'BACKFILL_CANCELLED', exitCode: 1 });
    const { rows } = await listed();
    await expect(runner.up()).rejects.toMatchObject({ code: 'BACKFILL_CANCELLED' });
    expect(await listed()).toMatchObject({ state: 'cancelled', rows });

    await other.backfills.setRate(NAME, null);
    expect(await other.backfills.resume(NAME)).toMatchObject([{ state: 'interrupted', rows }]);
    await runner.up();
    expect(await listed()).toMatchObject({ state: 'finished', rows: ROWS });
    expect((await timesDone()).map(({ n, many }) => [Number(n), Number(many)])).toEqual([
      [1, ROWS],
    ]);
  });

  it('is not changed by a login that may only read, which learns what it lacks', async () => {
    const { running } = await atWork();
    const user = await world.database.createUser();
    try {
      const reader = world.migrator({
        grantTo: [],
        database: { dialect: world.dialect, url: user.url },
      });
      await world.database.query(
        world.dialect === 'postgresql'
          ? `GRANT USAGE ON SCHEMA drizzle TO ${user.name}`
          : `GRANT SELECT ON ${world.database.name}.* TO ${user.name}`,
      );
      if (world.dialect === 'postgresql')
        await world.database.query(`GRANT SELECT ON ALL TABLES IN SCHEMA drizzle TO ${user.name}`);
      await expect(reader.backfills.pause(NAME)).rejects.toMatchObject({
        code: 'MISSING_PRIVILEGE',
        details: { grants: [expect.stringMatching(/^grant select, update on .*progress/)] },
      });
      expect(await listed()).toMatchObject({ want: 'run' });
    } finally {
      await other.backfills.setRate(NAME, null);
      await running;
      await user.drop();
    }
  });
});

describe.each(['postgres15', 'postgres18', 'mysql', 'mariadb'] as const)(
  'backfills on %s',
  (server) => {
    let world: MigratorWorld;
    afterEach(() => world.close());

    it('a row that was passed over is named by its key, and never by what it holds', async () => {
      world = await migratorWorld(server, [
        {
          tag: '0000_init',
          sql: 'CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, CONSTRAINT small CHECK (n < 1000));',
        },
        { tag: '0001_rows', sql: `-- @operation grow backfill\nUPDATE t SET n = n + 1;` },
      ]);
      const migrator = world.migrator({
        operations: [
          backfill('grow', { table: 't', set: { n: 'n + 1' }, backfill: { onBadRow: 'skip' } }),
        ],
      });
      await migrator.up({ to: '0000_init' });
      await world.database.query('INSERT INTO t VALUES (7, 1), (8, 999), (9, 2)');
      await migrator.up();
      const [status] = await world.migrator().backfills.list();
      expect(status).toMatchObject({
        state: 'finished',
        table: 't',
        rows: 3,
        changed: 2,
        failures: [{ key: ['8'], code: expect.stringMatching(/^(23514|ER_CHECK|4025)/) }],
      });
      expect(JSON.stringify(status)).not.toContain('999');
    });

    it('none is listed where there never was one, and a name that nobody knows is an error', async () => {
      world = await migratorWorld(server, [
        { tag: '0000_init', sql: 'CREATE TABLE t (id int PRIMARY KEY);' },
      ]);
      const migrator = world.migrator();
      expect(await migrator.backfills.list()).toEqual([]);
      const unknown = { code: 'UNKNOWN_BACKFILL', exitCode: 64 };
      await expect(migrator.backfills.pause('no-such')).rejects.toMatchObject(unknown);
      await migrator.up();
      expect(await migrator.backfills.list()).toEqual([]);
      await expect(migrator.backfills.setRate('no-such', 5)).rejects.toMatchObject(unknown);
      await expect(migrator.backfills.setRate('no-such', 0.5)).rejects.toMatchObject({
        code: 'USAGE',
      });
    });
  },
);
