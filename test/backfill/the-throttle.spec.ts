import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runPass } from '../../src/backfill/run-pass.js';
import type { Session } from '../../src/database/database.js';
import { BackfillWorld, engines } from './backfill-world.js';
import { until } from '../waiting/until.js';

describe.each(engines)('the throttle on $name', (version) => {
  let world: BackfillWorld;
  const ROWS = 2000;
  const limits = { pollMs: 20 };
  const throttled = (reason: string) =>
    world.events.some((event) => event.type === 'backfill.throttled' && event.reason === reason);
  const run = (pauseWhile: string | null, more = {}) =>
    world.asRunner((lock) =>
      runPass(
        world.spec({ settings: { pauseWhile } }),
        'backfill',
        world.deps(lock, { limits: { ...limits, ...more } }),
      ),
    );

  beforeEach(async () => {
    world = await BackfillWorld.create(version);
    await world.fill(ROWS);
    await world.query('create table busy (yes int)');
  });
  afterEach(() => world.drop());

  it('holds still while the user’s query says so', async () => {
    await world.query('insert into busy values (1)');
    const running = run('select count(*) > 0 from busy');
    await until('the throttle', () => throttled('user-query'));
    expect(await world.rowsDone()).toBe(0);
    await world.query('delete from busy');
    await expect(running).resolves.toMatchObject({ rowsDone: ROWS });
  });

  it('holds still while a signal cannot be read', async () => {
    await world.query('alter table busy rename to hidden');
    const running = run('select count(*) > 0 from busy');
    await until('the throttle', () => throttled('unreadable'));
    expect(await world.rowsDone()).toBe(0);
    await world.query('alter table hidden rename to busy');
    await expect(running).resolves.toMatchObject({ rowsDone: ROWS });
  });

  it('looks on a new session when the one that it looked with was cut', async () => {
    const looking: Session[] = [];
    const running = world.asRunner((lock) =>
      runPass(
        world.spec({ set: { n: world.slowly('n + 1') }, settings: { targetMs: 100 } }),
        'backfill',
        world.deps(lock, {
          limits: { ...limits, stallMs: 5000 },
          openWorker: async (name) => {
            const session = await world.worker(name);
            if (name === 'throttle') looking.push(session);
            return session;
          },
        }),
      ),
    );
    running.catch(() => undefined);
    await until('progress', async () => (await world.rowsDone()) > 0);
    await looking[0]?.close();
    await expect(running).resolves.toMatchObject({ rowsDone: ROWS });
    expect(looking.length).toBeGreaterThan(1);
  });

  it('lets the user’s query write nothing', async () => {
    const running = run(
      version.dialect === 'mysql'
        ? 'select yes from busy for update'
        : 'with w as (insert into busy values (1) returning yes) select 0 from w',
      { stallMs: 200 },
    );
    await expect(running).rejects.toMatchObject({
      code: 'BACKFILL_STALLED',
      details: { reason: 'unreadable' },
    });
    expect(await world.query('select * from busy')).toEqual([]);
  });

  it('gives up when it may not go on for too long', async () => {
    await expect(run('select 1', { stallMs: 300 })).rejects.toMatchObject({
      code: 'BACKFILL_STALLED',
      exitCode: 3,
      details: { operation: 'op', reason: 'user-query' },
    });
    expect(await world.rowsDone()).toBe(0);
  });

  it('waits for a row that another session has locked, and goes on behind it', async () => {
    const other = await world.worker('other');
    await other.query('start transaction');
    await other.query('select id from t where id = 500 for update');
    const running = world.asRunner((lock) =>
      runPass(
        world.spec({ pending: 'n = 0', settings: { targetMs: 100 } }),
        'backfill',
        world.deps(lock, { limits }),
      ),
    );
    await until('the lock to be met', () => throttled('row-lock'));
    await other.query('commit');
    await other.close();
    await expect(running).resolves.toMatchObject({ rowsDone: ROWS, rowsChanged: ROWS });
    const counts = await world.query('select n, count(*) as c from t group by n');
    expect(counts.map((row) => [Number(row['n']), Number(row['c'])])).toEqual([[1, ROWS]]);
  });
});
