import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { databases, servers, startRedis } from '../servers/index.js';
import { effect, FaultWorld, INIT, statements } from './fault-world.js';
import { openTransaction } from './open-transaction.js';
import { until } from '../waiting/until.js';

const TTL_MS = 3000;
const TAG = '0001_work';

/** Defends promise 1 across a Redis restart: a coordinator that forgot its holder ends the run, and nothing is done twice. */
describe.each(databases)(
  'two of three Redis restart empty during a run on $name',
  ({ server, dialect }) => {
    const slow =
      dialect === 'postgresql'
        ? `INSERT INTO effects SELECT 'slow' FROM pg_sleep(8)`
        : `INSERT INTO effects SELECT concat('slow', sleep(8))`;
    const quick = `INSERT INTO effects VALUES ('quick')`;
    const file = (middle: string): string => statements(effect('one'), middle, effect('two'));
    let redis: Awaited<ReturnType<typeof startRedis>>[];
    let world: FaultWorld;

    beforeAll(async () => {
      redis = await Promise.all([startRedis(), startRedis(), startRedis()]);
    });
    afterAll(() => Promise.all(redis.map((node) => node.stop())));
    beforeEach(async () => {
      world = await FaultWorld.create(await servers[server](), [
        INIT,
        { tag: TAG, sql: file(slow) },
      ]);
    });
    afterEach(() => world.end());

    it('the lease is lost, the transaction rolled back, exit 3; the next run completes', async () => {
      const env = { REDIS_URLS: redis.map(({ url }) => url).join(), TTL_MS: String(TTL_MS) };
      const runner = world.runner({ program: 'up.mjs', env });
      await runner.began(TAG, 2);
      await Promise.all([redis[0]?.restart(), redis[1]?.restart()]);

      const { exitCode, document } = await runner.finished;
      expect([exitCode, document?.error?.code]).toEqual([3, 'LOCK_LOST']);
      expect(runner.events).toContainEqual(
        expect.objectContaining({ type: 'lock.lost', reason: 'LOCK_LOST' }),
      );
      expect(await world.effects()).toEqual(['init']);
      expect(await world.lockIsHeld()).toBe(false);

      await world.journal.edit(TAG, file(quick));
      const next = world.runner({ program: 'up.mjs', env });
      expect((await next.finished).exitCode).toBe(0);
      expect(await world.differences()).toEqual([]);
    });

    it('a run that waits for the lease gets it, and what the first left in doubt is nothing', async () => {
      const env = { REDIS_URLS: redis.map(({ url }) => url).join(), TTL_MS: String(TTL_MS) };
      const first = world.runner({ program: 'up.mjs', env });
      await first.began(TAG, 2);
      await world.journal.edit(TAG, file(quick));
      const second = world.runner({ program: 'up.mjs', env });
      await second.seen('it waits', (event) => event.type === 'lock.waiting');
      await Promise.all([redis[0]?.restart(), redis[1]?.restart()]);

      expect((await first.finished).exitCode).toBe(3);
      expect((await second.finished).exitCode).toBe(0);
      await until('the sessions are gone', async () => (await world.sessions()).length === 0);
      expect(await world.differences()).toEqual([]);
    });
  },
);

/** Defends promise 1 and 3: half an index helps nobody, so a build under way is finished, and nothing is begun after it. */
describe.each(databases.filter(({ dialect }) => dialect === 'postgresql'))(
  'two of three Redis restart empty during CREATE INDEX CONCURRENTLY on $name',
  ({ server }) => {
    it('the index is finished, what follows is not begun, exit 3; the next run goes on', async () => {
      const redis = await Promise.all([startRedis(), startRedis(), startRedis()]);
      const world = await FaultWorld.create(await servers[server](), [
        INIT,
        {
          tag: TAG,
          sql: statements(
            'CREATE INDEX CONCURRENTLY orders_total ON orders (total)',
            effect('after'),
          ),
        },
      ]);
      try {
        await world.migrator().up({ to: '0000_init' });
        const snapshot = await openTransaction(world.database.url);
        const env = { REDIS_URLS: redis.map(({ url }) => url).join(), TTL_MS: String(TTL_MS) };
        const runner = world.runner({ program: 'up.mjs', env });
        await runner.began(TAG, 1);
        await Promise.all([redis[0]?.restart(), redis[1]?.restart()]);
        await runner.seen('the lease is lost', (event) => event.type === 'lock.lost');
        await snapshot.end();

        const { exitCode, document } = await runner.finished;
        expect([exitCode, document?.error?.code]).toEqual([3, 'LOCK_LOST']);
        expect(
          await world.database.query(
            `SELECT indisvalid FROM pg_index WHERE indexrelid = 'orders_total'::regclass`,
          ),
        ).toEqual([{ indisvalid: true }]);
        expect(await world.effects()).toEqual(['init']);

        const next = world.runner();
        expect((await next.finished).exitCode).toBe(0);
        expect(next.events.filter(({ type }) => type === 'index.rebuilt')).toEqual([]);
        expect(await world.differences()).toEqual([]);
      } finally {
        await world.end();
        await Promise.all(redis.map((node) => node.stop()));
      }
    });
  },
);
