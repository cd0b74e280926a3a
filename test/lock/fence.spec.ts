import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Session } from '../../src/database/database.js';
import { withTransaction } from '../../src/database/with-transaction.js';
import { mysqlLockName, postgresLockKey } from '../../src/lock/scope.js';
import { databases } from '../servers/index.js';
import { deferred, LockWorld } from './lock-world.js';
import { until } from '../waiting/until.js';

/** Defends promise 1: a runner that lost its right records nothing. */
describe.each(databases)('the fence on $name', ({ server }) => {
  let world: LockWorld;
  beforeAll(async () => {
    world = await LockWorld.create(server);
    await world.admin.query('create table effect (n int)');
  });
  afterAll(() => world.end());

  /** Gives up the session lock behind the runner's back, as a migration does that releases all locks. */
  function dropSessionLock(session: Session): Promise<unknown> {
    return world.dialect === 'postgresql'
      ? session.query('select pg_advisory_unlock($1::bigint)', [postgresLockKey(world.scope)])
      : session.query('select release_lock(?)', [mysqlLockName(world.scope)]);
  }

  it('passes on the session of the runner and on those of its workers', async () => {
    const worker = await world.session();
    const result = await world.run(async (held) => {
      await held.checkFence(held.session);
      await withTransaction(worker, {}, () => held.checkFence(worker));
    });
    expect(result).toMatchObject({ ran: true });
  });

  it('refuses a runner whose session no longer has the lock', async () => {
    await world.run(async (held) => {
      await dropSessionLock(held.session);
      await expect(held.checkFence(held.session)).rejects.toMatchObject({
        code: 'FENCED',
        exitCode: 3,
      });
    });
  });

  it('refuses a runner whose number was taken, and what it wrote is rolled back', async () => {
    const stale = await world.hold();
    await dropSessionLock(stale.lock.session);
    // Its session lives on: the successor is told to go ahead without it.
    await world.admin.query(`update ${world.lockTable} set session_id = null`);
    await world.run(() => Promise.resolve());

    const writing = withTransaction(stale.lock.session, {}, async () => {
      await stale.lock.session.query('insert into effect values (1)');
      await stale.lock.checkFence(stale.lock.session);
    });
    await expect(writing).rejects.toMatchObject({ code: 'FENCED' });
    expect(await world.admin.query('select 1 from effect where n = 1')).toEqual([]);
    stale.release();
    await stale.ended;
  });

  it('lets workers write side by side, makes a takeover wait for all of them, and refuses them afterwards', async () => {
    const old = await world.hold();
    const workers = await Promise.all([1, 2, 3, 4].map(() => world.session()));
    const everyoneIsInside = deferred<void>();
    const mayCommit = deferred<void>();
    const committed = async (): Promise<number> =>
      (await world.admin.query('select 1 from effect where n = 4')).length;
    let inside = 0;
    const chunks = workers.map(async (worker) => {
      await withTransaction(worker, {}, async () => {
        await old.lock.checkFence(worker);
        await worker.query('insert into effect values (4)');
        if (++inside === workers.length) everyoneIsInside.resolve();
        await mayCommit.promise;
      });
    });
    await everyoneIsInside.promise;

    // The runner dies, its workers do not notice.
    await old.lock.session.close();
    const takeover = world.run(committed, { drainMs: 20_000 });
    await until('the takeover waits for the workers', async () => {
      const rows = await world.admin.query(
        world.dialect === 'postgresql'
          ? `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
          : `select 1 from information_schema.processlist
              where db = database() and id <> connection_id() and info like 'update%last_insert_id%'`,
      );
      return rows.length > 0;
    });
    expect(await committed()).toBe(0);
    mayCommit.resolve();
    await Promise.all(chunks);

    expect(await takeover).toMatchObject({ ran: true, value: 4 });
    const [late] = workers as [Session];
    await expect(withTransaction(late, {}, () => old.lock.checkFence(late))).rejects.toMatchObject({
      code: 'FENCED',
    });
    old.release();
    await old.ended;
  });

  it('does not hold up heartbeats', async () => {
    const worker = await world.session();
    let before = '';
    let after = '';
    await world.run(
      (held) =>
        withTransaction(worker, {}, async () => {
          await held.checkFence(worker);
          before = await heartbeat();
          await until('a heartbeat beside an open chunk', async () => {
            after = await heartbeat();
            return after !== before;
          });
        }),
      { heartbeatEveryMs: 20 },
    );

    expect(after > before).toBe(true);
  });

  it('starts with the bootstrap and serves a second ledger table of the same schema', async () => {
    const other = new LockWorld(world.admin, { ...world.location, table: 'other_migrations' });
    const holding = await world.hold();

    await expect(
      other.run((held) => Promise.resolve(held.fence), { waitMs: 0 }),
    ).resolves.toMatchObject({ value: '1' });
    holding.release();
    await holding.ended;
  });

  async function heartbeat(): Promise<string> {
    const [row] = await world.admin.query(
      `select heartbeat_at as at from ${world.lockTable} where part = 'lease' and scope = '${world.scope}'`,
    );
    const at = row?.['at'];
    return at instanceof Date ? at.toISOString() : String(at);
  }
});
