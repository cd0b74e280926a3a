import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { isMigratorError, type MigratorOptions } from '../../src/index.js';
import { redlock } from '../../src/lock/redlock/index.js';
import { databases, servers, startRedis } from '../servers/index.js';
import { own } from './consistent-ledger.js';
import { effect, FaultWorld, INIT, statements } from './fault-world.js';
import type { RunnerProcess } from './runner-process.js';
import { until } from '../waiting/until.js';

const TTL_MS = 1500;
const TAG = '0001_work';

let world: FaultWorld;
afterEach(() => world.end());

/**
 * Defends promise 1: a process that was stopped for longer than its right lasts writes nothing when it wakes up. Three guards, one behind the
 * other: the session lock, the end of its session, the fence.
 */
describe.each(databases)('a holder that was stopped (SIGSTOP) on $name', ({ server, dialect }) => {
  let redis: Awaited<ReturnType<typeof startRedis>>[];
  let urls: string[];
  beforeAll(async () => {
    redis = await Promise.all([startRedis(), startRedis(), startRedis()]);
    urls = redis.map(({ url }) => url);
  });
  afterAll(() => Promise.all(redis.map((node) => node.stop())));

  async function create(): Promise<void> {
    world = await FaultWorld.create(await servers[server](), [
      INIT,
      {
        tag: TAG,
        // Postgres gets a small unit all at once: then there is no moment at which its runner could be stopped.
        sql: statements(
          effect('one'),
          'UPDATE orders SET total = total + 1',
          effect('two'),
          ...Array.from({ length: 33 }, () => 'SELECT 1'),
        ),
      },
      { tag: '0002_more', sql: statements(effect('more')) },
    ]);
  }

  /** A runner that stands still right before statement 2, its transaction open, its session alive. */
  async function stopped(options: { lease: boolean; dropLock?: boolean }): Promise<RunnerProcess> {
    const runner = world.runner({
      preload: ['stand-still.mjs'],
      program: 'up.mjs',
      env: {
        STAND_STILL_BEFORE: 'UPDATE orders',
        ...(options.dropLock === true && { DROP_LOCK: 'yes' }),
        ...(options.lease && { REDIS_URLS: urls.join(), TTL_MS: String(TTL_MS) }),
      },
    });
    await until('it stands still', () => runner.isStopped());
    return runner;
  }

  /** Who holds the lock, as everybody can read it. */
  async function holderId(): Promise<string> {
    const [row] = await world.database.query<{ readonly id: string }>(
      `SELECT holder_id AS id FROM ${own(world.database, 'migration_lock')} WHERE part = 'fence'`,
    );
    return row?.id ?? '';
  }

  it('keeps the session lock when its lease is over: others time out with its name, and it stops when it wakes up', async () => {
    await create();
    const holder = await stopped({ lease: true });
    const other = redlock({ urls, ttlMs: TTL_MS, commandTimeoutMs: 200 });
    const error: unknown = await world
      .migrator({ coordinator: other })
      .up({ waitMs: 2 * TTL_MS })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'LOCK_WAIT_TIMEOUT',
      exitCode: 3,
      message: expect.stringContaining(`pid ${holder.pid}`) as unknown as string,
      remedy: expect.stringContaining(await holderId()) as unknown as string,
    });
    expect(await world.effects()).toEqual(['init']);

    holder.signal('SIGCONT');
    const woken = await holder.finished;
    expect([woken.exitCode, woken.document?.error?.code]).toEqual([3, 'LOCK_LOST']);
    expect(await world.effects()).toEqual(['init']);
    await world.migrator().up();
    expect(await world.differences()).toEqual([]);
  });

  it('is unlocked by name once its heartbeat is stale, and at once with --terminate', async () => {
    await create();
    const holder = await stopped({ lease: false });
    const id = await holderId();
    const fresh = await world.runner({ args: ['unlock', '--holder', id] }).finished;
    expect(fresh.document).toMatchObject({ exitCode: 7, error: { code: 'REFUSED_UNLOCK' } });
    const other = await world.runner({ args: ['unlock', '--holder', 'nobody'] }).finished;
    expect(other.exitCode).toBe(7);
    const taken = await world.runner({ args: ['unlock', '--holder', id, '--terminate'] }).finished;
    expect(taken.exitCode).toBe(0);

    await world.migrator().up();
    holder.signal('SIGCONT');
    const woken = await holder.finished;
    expect([woken.exitCode, woken.document?.error?.code]).toEqual([6, 'SESSION_LOST']);
    expect(await world.differences()).toEqual([]);
  });

  it('is unlocked without force when its heartbeat is stale', async () => {
    await create();
    const holder = await stopped({ lease: false });
    const id = await holderId();
    await until(
      'the heartbeat is stale',
      async () => {
        const unlocked = await world.runner({ args: ['unlock', '--holder', id] }).finished;
        return unlocked.exitCode === 0;
      },
      60_000,
    );
    await world.migrator().up();
    holder.signal('SIGCONT');
    expect((await holder.finished).exitCode).toBe(6);
    expect(await world.differences()).toEqual([]);
  });

  it('whose session lost the lock while it lives is fenced off by a takeover', async () => {
    await create();
    const holder = await stopped({ lease: true, dropLock: true });
    // MySQL shows no session of another account to one without PROCESS: the takeover cannot know of the old session.
    const user = await world.database.createUser((name) =>
      dialect === 'mysql' ? [`GRANT ALL ON ${world.database.name}.* TO ${name}`] : [],
    );
    const other = redlock({ urls, ttlMs: TTL_MS, commandTimeoutMs: 200 });
    const migrator = world.migrator(
      dialect === 'mysql'
        ? { coordinator: other, database: { dialect, url: user.url } }
        : { coordinator: other, lock: { drain: 'terminate', drainMs: 500, pollMinMs: 20 } },
    );
    await migrator.up({ waitMs: 20_000 });
    holder.signal('SIGCONT');
    const woken = await holder.finished;
    expect([3, 6]).toContain(woken.exitCode);
    expect(await world.differences()).toEqual([]);
    await user.drop();
  });

  it('whose session lost the lock while it lives is fenced off, without lease and without another', async () => {
    await create();
    const holder = await stopped({ lease: false, dropLock: true });
    holder.signal('SIGCONT');
    const woken = await holder.finished;
    expect([woken.exitCode, woken.document?.error?.code]).toEqual([3, 'FENCED']);
    expect(await world.effects()).toEqual(['init']);
    await world.migrator().up();
    expect(await world.differences()).toEqual([]);
  });

  it('that a takeover has overtaken is fenced off by the number alone', async () => {
    await create();
    const holder = await stopped({ lease: false, dropLock: true });
    const user = await world.database.createUser((name) =>
      dialect === 'mysql' ? [`GRANT ALL ON ${world.database.name}.* TO ${name}`] : [],
    );
    const options: Partial<MigratorOptions> =
      dialect === 'mysql'
        ? { database: { dialect, url: user.url } }
        : { lock: { drain: 'fail', pollMinMs: 20 } };
    const taken = await world
      .migrator(options)
      .up()
      .then(
        ({ outcome }) => outcome,
        (error: unknown) => (isMigratorError(error) ? error.code : error),
      );
    // Postgres shows every session to every role, so that a takeover waits for it: here it gives up.
    expect(taken).toBe(dialect === 'mysql' ? 'applied' : 'PREDECESSOR_ALIVE');
    holder.signal('SIGCONT');
    const woken = await holder.finished;
    expect([woken.exitCode, woken.document?.error?.code]).toEqual([3, 'FENCED']);
    await world.migrator().up();
    expect(await world.differences()).toEqual([]);
    await user.drop();
  });
});
