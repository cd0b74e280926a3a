import { afterEach, describe, expect, it } from '@jest/globals';
import { databases, servers } from '../servers/index.js';
import { effect, FaultWorld, INIT, statements } from './fault-world.js';
import { openTransaction } from './open-transaction.js';
import { until } from '../waiting/until.js';

const TAG = '0001_index';
const BUILD = 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS orders_total ON orders (total)';
const INVALID = 'SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid';
let world: FaultWorld;
afterEach(() => world.end());

/** Defends promise 3: runners that wait never hold up an index build, nor it them. And 2: a cancelled build leaves nothing invalid. */
describe.each(databases.filter(({ dialect }) => dialect === 'postgresql'))(
  'CREATE INDEX CONCURRENTLY on $name',
  ({ server }) => {
    async function create(): Promise<void> {
      world = await FaultWorld.create(await servers[server](), [
        INIT,
        { tag: TAG, sql: statements(BUILD, effect('index')) },
      ]);
      await world.migrator().up({ to: '0000_init' });
    }

    it('finishes beside five runners that wait, and they leave with nothing to do', async () => {
      await create();
      // Holds the build back until all five wait.
      const snapshot = await openTransaction(world.database.url);
      const holder = world.runner();
      await until('the build waits for the snapshot', () => waitsForSnapshot());
      const waiters = Array.from({ length: 5 }, () => world.runner());
      await Promise.all(
        waiters.map((waiter) => waiter.seen('it waits', (event) => event.type === 'lock.waiting')),
      );
      await snapshot.end();

      const built = await holder.finished;
      expect(built.document).toMatchObject({ ok: true, result: { outcome: 'applied' } });
      const left = await Promise.all(waiters.map(({ finished }) => finished));
      expect(left.map(({ document }) => document?.result?.outcome)).toEqual(
        left.map(() => 'nothing-to-do'),
      );
      expect(await world.differences()).toEqual([]);
    });

    it('that the server cancels is built by the next run, also under IF NOT EXISTS', async () => {
      await create();
      const snapshot = await openTransaction(world.database.url);
      const runner = world.runner();
      await until('the build waits for the snapshot', () => waitsForSnapshot());
      await world.database.query(
        `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'virtualxid'`,
      );
      const { exitCode, document } = await runner.finished;
      expect([exitCode, document?.error?.code]).toEqual([1, 'MIGRATION_FAILED']);
      await snapshot.end();
      expect(await world.database.query(INVALID)).toEqual([]);

      expect((await world.runner().finished).exitCode).toBe(0);
      expect(await world.differences()).toEqual([]);
    });

    it('that SIGTERM ends leaves nothing invalid, and is built by the next run', async () => {
      await create();
      const snapshot = await openTransaction(world.database.url);
      const runner = world.runner();
      await until('the build waits for the snapshot', () => waitsForSnapshot());
      runner.signal('SIGTERM');
      const { exitCode } = await runner.finished;
      expect(exitCode).toBe(143);
      expect(await world.database.query(INVALID)).toEqual([]);
      await snapshot.end();

      expect((await world.runner().finished).exitCode).toBe(0);
      expect(await world.differences()).toEqual([]);
    });

    it('that was cancelled and left INVALID is dropped and built again', async () => {
      await create();
      const snapshot = await openTransaction(world.database.url);
      const runner = world.runner();
      await until('the build waits for the snapshot', () => waitsForSnapshot());
      runner.signal('SIGKILL');
      await until('the server gives up', async () => (await world.sessions()).length === 0);
      expect(await world.database.query(INVALID)).toEqual([{ name: 'orders_total' }]);
      await snapshot.end();

      const next = world.runner();
      expect((await next.finished).exitCode).toBe(0);
      expect(next.events).toContainEqual(
        expect.objectContaining({ type: 'index.rebuilt', index: 'orders_total' }),
      );
      expect(await world.database.query(INVALID)).toEqual([]);
      expect(await world.differences()).toEqual([]);
    });

    async function waitsForSnapshot(): Promise<boolean> {
      const rows = await world.database.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'virtualxid'`,
      );
      return rows.length > 0;
    }
  },
);
