import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Session } from '../../src/database/database.js';
import { kinds } from '../servers/index.js';
import { LockWorld } from './lock-world.js';

/** Defends promise 1 against a split brain: the lock is ours, and the runner before us still has its session. */
describe.each(kinds)('a predecessor that never said goodbye on $name', ({ server, dialect }) => {
  let world: LockWorld;
  /** Stands for its session; the lock is not on it. */
  let left: Session;

  beforeAll(async () => {
    world = await LockWorld.create(server);
  });
  afterAll(() => world.end());
  beforeEach(async () => {
    left = await world.session();
    await predecessorIs(left);
  });
  afterEach(() => left.close());

  /** Puts a session on record as that of a holder that is not released. */
  async function predecessorIs(session: Session): Promise<void> {
    await world.run(() => Promise.resolve());
    const [own] = await session.query<{ start: string }>(
      dialect === 'postgresql'
        ? `select to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as start
             from pg_stat_activity where pid = pg_backend_pid()`
        : `select concat(user, '@', host) as start from information_schema.processlist where id = connection_id()`,
    );
    await world.admin.query(
      `update ${world.lockTable} set released_at = null, session_id = ${session.backendId},
              session_start = '${own?.start ?? ''}' where part = 'fence'`,
    );
  }

  it('is waited for, then named', async () => {
    const actions: string[] = [];
    const running = world.run(() => Promise.resolve(), {
      drainMs: 150,
      onPredecessor: (_holder, action) => void actions.push(action),
    });

    await expect(running).rejects.toMatchObject({
      code: 'PREDECESSOR_ALIVE',
      exitCode: 3,
      details: { session: left.backendId },
    });
    expect(actions).toEqual(['waiting']);
  });

  it('is not waited for when told to fail', async () => {
    await expect(
      world.run(() => Promise.resolve(), { drain: 'fail', drainMs: 60_000 }),
    ).rejects.toMatchObject({ code: 'PREDECESSOR_ALIVE' });
  });

  it('is out of the way once its session has ended', async () => {
    const actions: string[] = [];
    const result = await world.run((held) => Promise.resolve(held.fence), {
      drainMs: 20_000,
      onPredecessor: (_holder, action) => {
        actions.push(action);
        if (action === 'waiting') void left.close();
      },
    });

    expect(result).toMatchObject({ ran: true });
    expect(actions).toEqual(['waiting', 'gone']);
  });

  it('may have finished meanwhile: the ledger is read again before anything is done', async () => {
    let finished = false;
    const result = await world.run(
      () => Promise.reject(new Error('the work must not be repeated')),
      {
        drainMs: 20_000,
        onPredecessor: (_holder, action) => {
          if (action !== 'waiting') return;
          finished = true;
          void left.close();
        },
      },
      () => Promise.resolve(finished),
    );

    expect(result).toMatchObject({ ran: false, reason: 'already-current' });
  });

  it('is ended when told to terminate', async () => {
    const actions: string[] = [];
    const result = await world.run(() => Promise.resolve('done'), {
      drain: 'terminate',
      drainMs: 0,
      onPredecessor: (_holder, action) => void actions.push(action),
    });

    expect(result).toMatchObject({ value: 'done' });
    expect(actions).toEqual(['waiting', 'terminated', 'gone']);
    await expect(left.query('select 1')).rejects.toMatchObject({ code: 'SESSION_LOST' });
  });

  it('is not mistaken for a later session with its number, nor for one of a restored backup', async () => {
    await world.admin.query(
      `update ${world.lockTable} set session_start = '2020-01-01T00:00:00.000000Z' where part = 'fence'`,
    );

    await expect(
      world.run(() => Promise.resolve('done'), { drain: 'fail' }),
    ).resolves.toMatchObject({ value: 'done' });
    await expect(left.query('select 1')).resolves.toHaveLength(1);
  });
});

describe.each(['postgres18', 'postgres15'] as const)(
  'a predecessor of another role on %s',
  (server) => {
    it('counts as alive, because its start is not visible', async () => {
      const world = await LockWorld.create(server);
      await world.run(() => Promise.resolve());
      const left = await world.session();
      await world.admin.query(
        `update ${world.lockTable} set released_at = null, session_id = ${left.backendId}, session_start = 'not comparable' where part = 'fence'`,
      );
      const role = await world.admin.createUser((to) => [
        `grant usage on schema drizzle to ${to}`,
        `grant select, update, insert on all tables in schema drizzle to ${to}`,
      ]);

      const error = await world
        .run(() => Promise.resolve(), {
          database: world.database(role.url),
          bootstrap: () => Promise.resolve(),
          drainMs: 50,
        })
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'PREDECESSOR_ALIVE' });
      expect((error as Error).message).toContain(
        'not visible to this role (grant pg_read_all_stats)',
      );
      await role.drop();
      await world.end();
    });
  },
);
