import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runPass, verifyPass } from '../../src/backfill/run-pass.js';
import { BackfillWorld, engines } from './backfill-world.js';

describe.each(engines)('rows that the server refuses to change, on $name', (version) => {
  let world: BackfillWorld;
  const ROWS = 3000;
  const BAD = [7, 1500, 1501, 3000];
  const spec = (onBadRow: 'stop' | 'skip') => world.spec({ settings: { onBadRow } });
  const code = {
    postgresql: '23514',
    mysql: 'ER_CHECK_CONSTRAINT_VIOLATED',
    // mysql2 has no symbol for MariaDB's own numbers.
    mariadb: '4025',
  }[version.flavour];

  beforeEach(async () => {
    world = await BackfillWorld.create(version);
    await world.fill(ROWS);
    await world.query(`update t set n = 8, note = 'secret' where id in (${BAD.join(', ')})`);
    await world.query('alter table t add constraint low check (n < 9)');
  });
  afterEach(() => world.drop());

  it('stop it at the first, which is named by its key and nothing else', async () => {
    const error: unknown = await world
      .asRunner((lock) => runPass(spec('stop'), 'backfill', world.deps(lock)))
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'ROWS_IN_THE_WAY',
      exitCode: 1,
      details: { operation: 'op', keys: [['7']] },
    });
    expect(JSON.stringify(error)).not.toContain('secret');
    expect(await world.rowsDone()).toBe(6);

    await world.query('update t set n = 0 where id = 7');
    await expect(
      world.asRunner((lock) => runPass(spec('stop'), 'backfill', world.deps(lock))),
    ).rejects.toMatchObject({ details: { keys: [['1500']] } });
    expect(await world.query('select n from t where id = 6')).toEqual([{ n: 1 }]);
  });

  it('are passed over and listed where the operation says so', async () => {
    const result = await world.asRunner((lock) =>
      runPass(spec('skip'), 'backfill', world.deps(lock)),
    );
    expect(result).toMatchObject({ rowsDone: ROWS, rowsChanged: ROWS - BAD.length });
    expect(result.failures.map(({ key }) => Number(key[0]))).toEqual(BAD);
    expect(new Set(result.failures.map((failure) => failure.code))).toEqual(new Set([code]));
    const [left] = await world.query<{ c: number }>('select count(*) as c from t where n = 8');
    expect(Number(left?.c)).toBe(BAD.length);
  });

  it('is not said of SQL that no row could take', async () => {
    await expect(
      world.asRunner((lock) =>
        runPass(
          world.spec({ set: { n: 'no_such_column + 1' }, settings: { onBadRow: 'skip' } }),
          'backfill',
          world.deps(lock),
        ),
      ),
    ).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
    expect(await world.rowsDone()).toBe(0);
  });

  it('are counted and sampled by a verification, which writes nothing and begins again', async () => {
    const check = world.spec({ pending: 'n > 5' });
    const verify = () => world.asRunner((lock) => verifyPass(check, world.deps(lock)));
    expect(await verify()).toMatchObject({
      rowsDone: ROWS,
      pending: BAD.length,
      sample: BAD.map((id) => [String(id)]),
    });
    await world.query('update t set n = 0 where n > 5');
    expect(await verify()).toMatchObject({ rowsDone: ROWS, pending: 0, sample: [] });
    await world.query('update t set n = 6');
    const all = await verify();
    expect(all.pending).toBe(ROWS);
    expect(all.sample).toHaveLength(20);
  });
});
