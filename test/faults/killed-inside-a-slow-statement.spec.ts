import { afterEach, describe, expect, it } from '@jest/globals';
import { databases, servers } from '../servers/index.js';
import { effect, FaultWorld, INIT, statements } from './fault-world.js';
import { openTransaction } from './open-transaction.js';
import { until } from '../waiting/until.js';

let world: FaultWorld;
afterEach(() => world.end());

/** Defends promise 1: the lock is never free while an orphaned statement still runs, and what it did is neither lost nor repeated. */
describe.each(databases)(
  'a runner killed inside a slow statement on $name',
  ({ server, dialect }) => {
    const slow =
      dialect === 'postgresql'
        ? `INSERT INTO effects SELECT 'slow' FROM pg_sleep(3)`
        : `INSERT INTO effects SELECT concat('slow', sleep(3))`;
    const ddl = 'CREATE TABLE slow AS SELECT 1 AS one FROM (SELECT sleep(2)) waited';

    it.each([
      ['that is part of a transaction', statements(effect('first'), slow, effect('last')), 2],
      ...(dialect === 'mysql'
        ? [['that commits by itself', statements(effect('first'), ddl, effect('last')), 2] as const]
        : []),
    ] as const)('%s', async (_what, sql, statement) => {
      world = await FaultWorld.create(await servers[server](), [INIT, { tag: '0001_slow', sql }]);
      const runner = world.runner();
      await runner.began('0001_slow', statement);
      await until('the server works on it', async () => {
        const [row] = await world.database.query<{ readonly n: string }>(
          dialect === 'postgresql'
            ? `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`
            : `SELECT count(*) AS n FROM information_schema.processlist WHERE db = database() AND state LIKE 'User sleep'`,
        );
        return Number(row?.n) === 1;
      });
      runner.signal('SIGKILL');
      expect((await runner.finished).signal).toBe('SIGKILL');
      const orphans = await world.sessions();

      const next = world.runner();
      const outcome = await next.finished;
      expect(outcome.document).toMatchObject({ ok: true, result: { outcome: 'applied' } });
      expect(orphans.length).toBeGreaterThan(0);
      expect(await world.differences()).toEqual([]);
    });
  },
);

/** Defends promise 2: an index that a dead runner left invalid is found and rebuilt, and nothing of it is left over. */
describe.each(databases.filter(({ dialect }) => dialect === 'postgresql'))(
  'a runner killed while it builds an index concurrently on $name',
  ({ server }) => {
    it.each([
      ['CREATE INDEX', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_total ON orders (total)'],
      ['REINDEX', 'REINDEX INDEX CONCURRENTLY orders_pkey'],
      ['REINDEX of a table', 'REINDEX TABLE CONCURRENTLY orders'],
    ])('%s', async (_verb, sql) => {
      world = await FaultWorld.create(await servers[server](), [
        INIT,
        { tag: '0001_index', sql: statements(sql, effect('index')) },
      ]);
      await world.migrator().up({ to: '0000_init' });
      // Its snapshot is what the build waits for at the end, when the index is there and not yet valid.
      const snapshot = await openTransaction(world.database.url);
      const runner = world.runner();
      const invalid = (): Promise<readonly object[]> =>
        world.database.query(
          'SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid',
        );
      await until('the build waits for the snapshot', async () => {
        const rows = await world.database.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'virtualxid'`,
        );
        return rows.length > 0 && (await invalid()).length > 0;
      });
      runner.signal('SIGKILL');
      await runner.finished;
      await until('the server notices', async () => (await world.sessions()).length === 0);
      expect(await invalid()).not.toEqual([]);
      await snapshot.end();

      expect((await world.runner().finished).exitCode).toBe(0);
      expect(await invalid()).toEqual([]);
      expect(await world.differences()).toEqual([]);
    });
  },
);
