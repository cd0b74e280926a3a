import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runPass } from '../../src/backfill/run-pass.js';
import { BackfillWorld, engines } from './backfill-world.js';
import { until } from '../waiting/until.js';

describe.each(engines)('the bound on $name', (version) => {
  let world: BackfillWorld;
  const ROWS = 1000;
  beforeEach(async () => {
    world = await BackfillWorld.create(version);
    await world.fill(ROWS);
  });
  afterEach(() => world.drop());

  it('ends a pass while rows keep coming', async () => {
    let over = false;
    let inserted = 0;
    const writing = (async () => {
      while (!over) {
        inserted += 50;
        await world.query(
          `insert into t (id, n) ${world.numbers(50, `${ROWS + inserted} + i, 0`)}`,
        );
      }
    })();
    const result = await world.asRunner((lock) =>
      runPass(
        world.spec({ set: { n: world.slowly('n + 1') }, settings: { targetMs: 50 } }),
        'backfill',
        world.deps(lock),
      ),
    );
    over = true;
    await writing;
    expect(inserted).toBeGreaterThan(0);
    expect(result.rowsDone).toBeGreaterThanOrEqual(ROWS);
    const [left] = await world.query<{ c: number }>(
      `select count(*) as c from t where id <= ${ROWS} and n <> 1`,
    );
    expect(Number(left?.c)).toBe(0);
  });

  it('waits for transactions that have written the table: their rows are among those to be done', async () => {
    await world.query('delete from t where id = 500');
    const writer = await world.worker('writer');
    await writer.query('start transaction');
    await writer.query('insert into t (id, n) values (500, 0)');
    let done = false;
    const running = world
      .asRunner((lock) => runPass(world.spec(), 'backfill', world.deps(lock)))
      .finally(() => (done = true));
    await until(
      'the pass to wait',
      async () => (await world.ledger.withSession((session) => waiting(session))) || done,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(done).toBe(false);
    expect(await world.progress()).toEqual([]);
    await writer.query('commit');
    await writer.close();
    await running;
    expect(await world.query('select n from t where id = 500')).toEqual([{ n: 1 }]);
  });

  it('gives up when such a transaction does not end, and says so', async () => {
    const writer = await world.worker('the writer');
    await writer.query('start transaction');
    await writer.query('update t set n = 0 where id = 1');
    await expect(
      world.asRunner((lock) =>
        runPass(world.spec(), 'backfill', world.deps(lock, { limits: { stallMs: 200 } })),
      ),
    ).rejects.toMatchObject({ code: 'BACKFILL_STALLED', exitCode: 3 });
    await writer.close();
    expect(await world.progress()).toEqual([]);
  });

  it('is none in an empty table', async () => {
    await world.query('delete from t');
    await expect(
      world.asRunner((lock) => runPass(world.spec(), 'backfill', world.deps(lock))),
    ).resolves.toMatchObject({ rowsDone: 0, ranges: 0 });
  });

  /** Whether a runner holds the lock. */
  const waiting = async (session: { query(sql: string): Promise<object[]> }) => {
    const table = version.dialect === 'mysql' ? 'migration_lock' : 'drizzle.migration_lock';
    const rows = await session.query(
      `select 1 as held from ${table} where part = 'fence' and released_at is null and acquired_at is not null`,
    );
    return rows.length > 0;
  };
});
