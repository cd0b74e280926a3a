import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BackfillRows } from '../../src/operations/operation.js';
import { runPass } from '../../src/backfill/run-pass.js';
import { BackfillWorld, engines } from './backfill-world.js';

describe.each(engines)('rows that go through a function, on $name', (version) => {
  let world: BackfillWorld;
  const ROWS = 400;
  const spec = (rows: BackfillRows, pending: string | null = null) =>
    world.spec({ set: {}, rows, pending, settings: { ranges: 2, targetMs: 20 } });
  const run = (rows: BackfillRows, pending?: string) =>
    world.asRunner((lock) => runPass(spec(rows, pending ?? null), 'backfill', world.deps(lock)));
  const increment: BackfillRows = (rows) =>
    Promise.resolve(
      rows.map((row) =>
        Number(row['id']) % 10 === 0
          ? null
          : { n: Number(row['n']) + 1, note: `was '${Number(row['id'])}'?` },
      ),
    );

  beforeEach(async () => {
    world = await BackfillWorld.create(version);
    await world.fill(ROWS);
  });
  afterEach(() => world.drop());

  it('are set to what it returns, once each, also when sessions are killed', async () => {
    let killed = 0;
    const result = await run(async (rows, context) => {
      if (killed < 3 && (await world.rowsDone()) > 20 * killed) {
        killed += 1;
        await world.query(
          version.dialect === 'mysql'
            ? `select 1`
            : `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'worker backfill 0' and datname = current_database()`,
        );
      }
      return increment(rows, context);
    });
    expect(result).toMatchObject({ rowsDone: ROWS, rowsChanged: ROWS * 0.9 });
    const rows = await world.query<{ n: number; note: string | null; c: number }>(
      'select n, note is null as untouched, count(*) as c from t group by n, note is null order by n',
    );
    expect(rows.map(({ n, c }) => [n, Number(c)])).toEqual([
      [0, ROWS / 10],
      [1, (ROWS / 10) * 9],
    ]);
    expect(await world.query('select note from t where id = 7')).toEqual([{ note: "was '7'?" }]);
  });

  it('are only those that are still to be done', async () => {
    await world.query('update t set n = 5 where id <= 100');
    let seen = 0;
    await run((rows, context) => {
      seen += rows.length;
      return increment(rows, context);
    }, 'n < 5');
    expect(seen).toBe(ROWS - 100);
  });

  it('stay as they were in a chunk whose function fails', async () => {
    await expect(
      run((rows, context) =>
        rows.some((row) => Number(row['id']) === 150)
          ? Promise.reject(new Error('a secret of the row'))
          : increment(rows, context),
      ),
    ).rejects.toMatchObject({ code: 'CODE_MIGRATION_FAILED' });
    expect(await world.query('select n from t where id = 150')).toEqual([{ n: 0 }]);
    await run(increment);
    const [twice] = await world.query<{ c: number }>('select count(*) as c from t where n > 1');
    expect(Number(twice?.c)).toBe(0);
  });

  it('are refused when there are more or fewer of them than were handed over', async () => {
    await expect(run(() => Promise.resolve([]))).rejects.toMatchObject({
      code: 'CODE_MIGRATION_FAILED',
    });
  });

  it('name the one that the server refuses', async () => {
    await world.query('alter table t add constraint low check (n < 9)');
    await expect(
      run((rows) => Promise.resolve(rows.map((row) => ({ n: row['id'] === '77' ? 10 : 1 })))),
    ).rejects.toMatchObject({ code: 'ROWS_IN_THE_WAY', details: { keys: [['77']] } });
  });
});
