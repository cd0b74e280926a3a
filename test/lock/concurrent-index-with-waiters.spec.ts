import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { postgresLockKey } from '../../src/lock/scope.js';
import { LockWorld } from './lock-world.js';
import { until } from '../waiting/until.js';

/** Guards promise 1 and 3: waiting runners never hold up CREATE INDEX CONCURRENTLY, nor it them (locks.md 8). */
describe('CREATE INDEX CONCURRENTLY while others wait for the lock', () => {
  let world: LockWorld;
  beforeAll(async () => {
    world = await LockWorld.create('postgres18');
  });
  afterAll(() => world.end());
  beforeEach(async () => {
    await world.admin.query(
      'drop table if exists t; create table t (id int); insert into t values (1)',
    );
  });

  it('is built at once beside five polling waiters, none of which keeps a snapshot', async () => {
    const holding = await world.hold();
    let waiting = 0;
    const stop = new AbortController();
    const waiters = Array.from({ length: 5 }, () =>
      world.run(() => Promise.resolve(), { signal: stop.signal, onWait: () => void waiting++ }),
    );
    await until('all five wait', () => waiting === 5);

    const { session } = holding.lock;
    await session.execute('create index concurrently t_id on t (id)');
    // Between two polls a waiter is seen idle without a snapshot; one that pinned it would never be.
    const free = new Set<string>();
    await until('each waiter was seen without a snapshot', async () => {
      const rows = await world.admin.query<{ pid: string; free: boolean; open: boolean }>(
        `select pid::text as pid, backend_xmin is null and xact_start is null as free, state like 'idle in transaction%' as open
           from pg_stat_activity where datname = current_database() and application_name like '%:waiting'`,
      );
      expect(rows.filter((row) => row.open)).toEqual([]);
      for (const row of rows) if (row.free) free.add(row.pid);
      return free.size === 5;
    });
    const [index] = await world.admin.query(
      `select indisvalid from pg_index where indexrelid = 't_id'::regclass`,
    );
    expect(index).toEqual({ indisvalid: true });

    stop.abort(new Error('over'));
    await Promise.allSettled(waiters);
    holding.release();
    await holding.ended;
  });

  it('would hang behind a waiter that blocks in the lock call (negative control)', async () => {
    const holding = await world.hold();
    const { session } = holding.lock;
    const waiter = await world.session();
    // Without it the server would find the cycle after a second and end one of the two at random.
    for (const each of [session, waiter]) await each.execute(`set deadlock_timeout = '1min'`);
    const blocked = waiter
      .query('select pg_advisory_lock($1::bigint)', [postgresLockKey(world.scope)])
      .catch((error: unknown) => error);
    await until('the waiter blocks', () => waitsFor(waiter.backendId, 'advisory'));

    const building = session.execute('create index concurrently t_id2 on t (id)');
    await until('the build waits for its snapshot', () =>
      waitsFor(session.backendId, 'virtualxid'),
    );
    await waiter.cancel();
    await building;
    expect(await blocked).toMatchObject({ kind: 'cancelled' });
    holding.release();
    await holding.ended;
  });

  async function waitsFor(pid: string, event: string): Promise<boolean> {
    const [row] = await world.admin.query<{ wait_event: string | null }>(
      'select wait_event from pg_stat_activity where pid = $1::int',
      [pid],
    );
    return row?.wait_event === event;
  }
});
