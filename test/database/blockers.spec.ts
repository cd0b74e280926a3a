import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readBlockers } from '../../src/database/blockers.js';
import { createDatabase } from '../../src/database/create-database.js';
import type { Database, Session } from '../../src/database/database.js';
import type { BlockingSession } from '../../src/run-events.js';
import { databases, servers, startMariaDb, type TestDatabase } from '../servers/index.js';
import { CANARY, rejection } from './canary.js';

describe.each(databases)('who blocks on $name', ({ server, dialect, flavour }) => {
  const mysql = dialect === 'mysql';
  let test: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    test = await (await servers[server]()).createDatabase();
    await test.query('CREATE TABLE t (id int)');
    database = createDatabase({ dialect, url: test.url });
  });
  afterAll(() => test.drop());

  it('nobody, when nothing waits', async () => {
    const [one, two] = [
      await database.connect({ role: 'runner' }),
      await database.connect({ role: 'runner' }),
    ];
    expect(await readBlockers(one, two.backendId)).toEqual([]);
    await Promise.all([one.close(), two.close()]);
  });

  it('a transaction that is left open, with its age and never its query', async () => {
    const named = flavour !== 'mariadb';
    const blockers = await whileBlocked(database, (observer, waiter) =>
      // MySQL's coarser source may be the first to know: the wait begins between two questions.
      seen(observer, waiter, ([first]) => !named || first?.application !== null),
    );
    expect(blockers).toHaveLength(1);
    expect(blockers[0]).toMatchObject({
      role: mysql ? 'root' : 'postgres',
      state: mysql ? 'Sleep' : 'idle in transaction',
      transactionAgeMs: expect.any(Number),
    });
    expect(blockers[0]?.application).toBe(named ? 'nest-migrate:holder' : null);
    expect(JSON.stringify(blockers)).not.toContain('cAnArY');
  });

  it('as far as a login without privileges may see', async () => {
    const user = await test.createUser((name) =>
      mysql ? [`GRANT SELECT ON ${test.name}.* TO ${name}`] : [],
    );
    const stranger = await createDatabase({ dialect, url: user.url }).connect({ role: 'runner' });
    const blockers = await whileBlocked(database, async (observer, waiter) => {
      await seen(observer, waiter);
      return readBlockers(stranger, waiter.backendId);
    });
    const visible = {
      pid: expect.stringMatching(/^\d+$/),
      role: 'postgres',
      application: 'nest-migrate:holder',
      state: null,
      transactionAgeMs: null,
    };
    expect(blockers).toEqual(mysql ? [] : [visible]);
    await stranger.close();
    await user.drop();
  });

  if (mysql) {
    it('a session that holds a row', async () => {
      await test.query('CREATE TABLE r (id int primary key, n int)');
      await test.query('INSERT INTO r VALUES (1, 0)');
      const [holder, waiter, observer] = await three(database);
      await holder.query('START TRANSACTION');
      await holder.query('UPDATE r SET n = 1 WHERE id = 1');
      const waiting = rejection(waiter.query('UPDATE r SET n = 2 WHERE id = 1'));
      const blockers = await seen(observer, waiter);
      expect(blockers.map(({ pid }) => pid)).toEqual([holder.backendId]);
      await waiter.cancel();
      await waiting;
      await Promise.all([holder, waiter, observer].map((session) => session.close()));
    });
  }
});

describe('who blocks on a MariaDB with performance_schema', () => {
  it('exactly the holder of the metadata lock', async () => {
    const server = await startMariaDb({
      settings: {
        'performance-schema': 'ON',
        'performance-schema-instrument': 'wait/lock/metadata/sql/mdl=ON',
      },
    });
    try {
      const test = await server.createDatabase();
      await test.query('CREATE TABLE t (id int)');
      await test.query('CREATE TABLE other (id int)');
      const database = createDatabase({ dialect: 'mysql', url: test.url });
      const bystander = await database.connect({ role: 'runner' });
      await bystander.query('START TRANSACTION');
      await bystander.query('SELECT * FROM other');
      const blockers = await whileBlocked(database, seen);
      expect(blockers).toHaveLength(1);
      expect(blockers[0]?.pid).not.toBe(bystander.backendId);
      await bystander.close();
    } finally {
      await server.stop();
    }
  });
});

async function three(database: Database): Promise<[Session, Session, Session]> {
  return [
    await database.connect({ role: 'runner', applicationName: 'nest-migrate:holder' }),
    await database.connect({ role: 'runner' }),
    await database.connect({ role: 'runner' }),
  ];
}

/** A holder reads a table in a transaction, a waiter wants to alter it, an observer looks. */
async function whileBlocked<T>(
  database: Database,
  look: (observer: Session, waiter: Session) => Promise<T>,
): Promise<T> {
  const [holder, waiter, observer] = await three(database);
  const mysql = database.dialect === 'mysql';
  await holder.query(mysql ? 'START TRANSACTION' : 'BEGIN');
  await holder.query(`SELECT '${CANARY}', id FROM t`);
  if (mysql) await waiter.query('SET SESSION lock_wait_timeout = 30');
  const waiting = waiter.execute('ALTER TABLE t ADD COLUMN c int');
  waiting.catch(() => {});
  try {
    return await look(observer, waiter);
  } finally {
    await waiter.cancel();
    await waiting.catch(() => {});
    await Promise.all([holder, waiter, observer].map((session) => session.close()));
  }
}

/** Asks until somebody is seen; the test's time-out is the bound. */
async function seen(
  observer: Session,
  waiter: Session,
  fits: (blockers: readonly BlockingSession[]) => boolean = () => true,
): Promise<readonly BlockingSession[]> {
  for (;;) {
    const blockers = await readBlockers(observer, waiter.backendId);
    if (blockers.length > 0 && fits(blockers)) return blockers;
    // InnoDB's views of transactions are a cache that is renewed only when nobody has read it for 100 ms.
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}
