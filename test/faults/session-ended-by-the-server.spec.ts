import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  databases,
  servers,
  startMariaDb,
  startMySql,
  startPostgres,
  type DatabaseServer,
  type ManagedServer,
} from '../servers/index.js';
import { effect, FaultWorld, INIT, statements } from './fault-world.js';
import type { RunnerProcess } from './runner-process.js';
import { until } from '../waiting/until.js';

const TAG = '0001_work';
const STARTERS = {
  postgres18: () => startPostgres(),
  postgres15: () => startPostgres({ version: 15 }),
  mysql: () => startMySql(),
  mariadb: () => startMariaDb(),
} as const;

let world: FaultWorld;

/** Defends promise 1: losing the session is losing lock and transaction in one, and the next run goes on. */
describe.each(databases)('$name', ({ server, dialect }) => {
  const sleep =
    dialect === 'postgresql'
      ? `INSERT INTO effects SELECT 'slow' FROM pg_sleep(0.5)`
      : `INSERT INTO effects SELECT concat('slow', sleep(0.5))`;
  const forEver =
    dialect === 'postgresql'
      ? 'UPDATE orders SET total = total + 1 WHERE pg_sleep(60) IS NOT NULL'
      : 'UPDATE orders SET total = total + sleep(60)';
  const ddl = 'ALTER TABLE orders ADD COLUMN more int';
  /** The slow statement is short when it is run again: only the first run meets a table that is empty. */
  const migrations = [
    INIT,
    { tag: TAG, sql: statements(effect('one'), ddl, effect('two'), forEver, effect('three')) },
  ];

  async function begun(statement: number, more: object = {}): Promise<RunnerProcess> {
    const runner = world.runner(more);
    await runner.began(TAG, statement);
    return runner;
  }

  async function sleeping(): Promise<void> {
    await until('the server works on the slow statement', async () => {
      const rows = await world.database.query(
        dialect === 'postgresql'
          ? `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`
          : `SELECT 1 FROM information_schema.processlist WHERE db = database() AND state LIKE 'User sleep'`,
      );
      return rows.length > 0;
    });
  }

  async function mendAndFinish(): Promise<void> {
    await world.journal.edit(
      TAG,
      statements(effect('one'), ddl, effect('two'), sleep, effect('three')),
    );
    const next = await world.runner().finished;
    expect(next.document).toMatchObject({ ok: true, result: { outcome: 'applied' } });
    expect(await world.differences()).toEqual([]);
  }

  describe('ends the session', () => {
    beforeAll(async () => {
      world = await FaultWorld.create(await servers[server](), migrations);
    });
    afterEach(() => world.end());

    it('in the middle of a statement', async () => {
      const runner = await begun(4);
      await sleeping();
      const victim = await lockHolder();
      await world.database.query(
        dialect === 'postgresql' ? `SELECT pg_terminate_backend(${victim})` : `KILL ${victim}`,
      );
      const { exitCode, document } = await runner.finished;
      expect([exitCode, document?.error?.code]).toEqual([6, 'SESSION_LOST']);
      await until('it is gone', async () => (await world.sessions()).length === 0);
      await mendAndFinish();
    });
  });

  describe('ends the session between two statements', () => {
    beforeAll(async () => {
      world = await FaultWorld.create(await servers[server](), migrations);
    });
    afterEach(() => world.end());

    it('and nothing more is sent', async () => {
      const runner = world.runner({
        preload: ['stand-still.mjs'],
        env: { STAND_STILL_BEFORE: `INSERT INTO effects VALUES ('two')` },
      });
      await until('it stands still', () => runner.isStopped());
      const victim = await lockHolder();
      await world.database.query(
        dialect === 'postgresql' ? `SELECT pg_terminate_backend(${victim})` : `KILL ${victim}`,
      );
      runner.signal('SIGCONT');
      const { exitCode, document } = await runner.finished;
      expect([exitCode, document?.error?.code]).toEqual([6, 'SESSION_LOST']);
      await mendAndFinish();
    });
  });

  describe('dies in the middle of a statement', () => {
    let own: ManagedServer & DatabaseServer;
    beforeAll(async () => {
      own = await STARTERS[server]();
      world = await FaultWorld.create(own, migrations);
    });
    afterEach(() => world.end());
    afterAll(() => own.stop());

    it('and is restarted: the next run completes', async () => {
      const runner = await begun(4);
      await sleeping();
      // Postgres: immediate shutdown. MySQL has none: its process is killed.
      await own.kill(dialect === 'postgresql' ? 'SIGQUIT' : 'SIGKILL');
      const { exitCode, document } = await runner.finished;
      expect([exitCode, document?.error?.code]).toEqual([6, 'SESSION_LOST']);
      await own.restart();
      await mendAndFinish();
    });
  });

  async function lockHolder(): Promise<string> {
    const { session } = (await world.migrator().status()).lock;
    if (session === null) throw new Error('nobody holds the lock');
    return session.pid;
  }
});
