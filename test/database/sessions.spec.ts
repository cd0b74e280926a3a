import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../src/database/create-database.js';
import { type Database, type Session, StatementError } from '../../src/database/database.js';
import { withTransaction } from '../../src/database/with-transaction.js';
import { MigratorError } from '../../src/errors.js';
import { databases, servers, type TestDatabase } from '../servers/index.js';
import { CANARY, expectNoSecret, refusal, rejection } from './canary.js';

describe.each(databases)('a session on $name', ({ server, dialect, flavour }) => {
  const mysql = dialect === 'mysql';
  let test: TestDatabase;
  let database: Database;
  const sessions: Session[] = [];

  async function open(role: 'runner' | 'reader' = 'runner', extra: object = {}): Promise<Session> {
    const session = await database.connect({ role, ...extra });
    sessions.push(session);
    return session;
  }

  /** As the administrator, on a connection of its own. */
  function endBackend(session: Session) {
    return test.query(
      mysql ? `KILL ${session.backendId}` : `SELECT pg_terminate_backend(${session.backendId})`,
    );
  }

  async function lost(session: Session): Promise<unknown> {
    if (!session.lost.aborted) {
      await new Promise((resolve) =>
        session.lost.addEventListener('abort', resolve, { once: true }),
      );
    }
    return session.lost.reason;
  }

  async function running(session: Session, fragment: string): Promise<void> {
    const sql = mysql
      ? `SELECT 1 AS one FROM information_schema.processlist WHERE id = ${session.backendId} AND info LIKE '%${fragment}%'`
      : `SELECT 1 AS one FROM pg_stat_activity WHERE pid = ${session.backendId} AND state = 'active' AND query LIKE '%${fragment}%'`;
    while ((await test.query(sql)).length === 0);
  }

  // MySQL's sleep() and benchmark() return when they are killed instead of failing.
  const endless =
    'SELECT count(*) /* endless */ FROM information_schema.columns a, information_schema.columns b, information_schema.columns c WHERE a.column_name <> b.column_name';
  const sleep = mysql ? 'SELECT sleep(60)' : 'SELECT pg_sleep(60)';

  beforeAll(async () => {
    test = await (await servers[server]()).createDatabase();
    await test.query('CREATE TABLE t (id int primary key, secret varchar(100))');
    database = createDatabase({ dialect, url: test.url });
  });
  afterEach(() => Promise.all(sessions.splice(0).map((session) => session.close())));
  afterAll(() => test.drop());

  it.each(['runner', 'reader'] as const)('of a %s knows its server', async (role) => {
    const session = await open(role);
    expect(session.server).toMatchObject({
      dialect,
      flavour,
      readOnly: false,
      database: test.name,
    });
    expect(session.server.version).toMatch(/^\d+\.\d+/);
    expect(String(session.server.versionNumber)).toMatch(/^(18|15|907|1011)/);
    expect(session.backendId).toMatch(/^\d+$/);
  });

  it('takes parameters as they are', async () => {
    const session = await open();
    const text = `it's \\ "x" \`y\` ? -- \u{1F600} \n`;
    const sql = mysql
      ? `SELECT ? AS a, ? AS b, '?' AS c, CAST(? AS CHAR) AS d /* ? */ -- ?`
      : `SELECT $1::text AS a, $2::int AS b, '?' AS c, $3::bigint AS d`;
    const rows = await session.query(sql, [text, null, 9007199254740993n]);
    expect(rows).toEqual([{ a: text, b: null, c: '?', d: '9007199254740993' }]);
  });

  it('reads exact values as text, whatever the application registered', async () => {
    const session = await open();
    const sql = mysql
      ? `SELECT CAST(9007199254740993 AS UNSIGNED) AS big, CAST(1.10 AS DECIMAL(5,2)) AS dec_, CAST('2026-01-02 03:04:05.678901' AS DATETIME(6)) AS at`
      : `SELECT 9007199254740993::bigint AS big, 1.10::numeric AS dec_, '2026-01-02 03:04:05.678901'::timestamp AS at`;
    expect(await session.query(sql)).toEqual([
      { big: '9007199254740993', dec_: '1.10', at: '2026-01-02 03:04:05.678901' },
    ]);
  });

  it('executes statements and counts rows', async () => {
    const session = await open();
    await session.execute('CREATE TABLE counted (n int)');
    expect(await session.execute('INSERT INTO counted VALUES (1), (2), (3)')).toEqual({
      rowCount: 3,
    });
    expect(await session.execute('UPDATE counted SET n = n + 10 WHERE n > 1')).toEqual({
      rowCount: 2,
    });
    expect(await session.query('SELECT n AS n FROM counted WHERE n = 42')).toEqual([]);
  });

  it('sends one statement at a time, in order', async () => {
    const session = await open();
    const one = session.query(mysql ? 'SELECT sleep(0.05) AS s' : 'SELECT pg_sleep(0.05)');
    const two = session.query('SELECT 2 AS n');
    await expect(Promise.all([one, two])).resolves.toHaveLength(2);
  });

  it('of a runner has no time-outs that would end a long migration', async () => {
    const session = await open('runner', { applicationName: `nest-migrate:${'ü'.repeat(60)}` });
    const rows = await session.query<{ name: string; value: string }>(
      mysql
        ? `SHOW VARIABLES WHERE variable_name IN ('wait_timeout', 'lock_wait_timeout')`
        : `SELECT name, setting AS value FROM pg_settings WHERE source = 'session'`,
    );
    const settings = Object.fromEntries(rows.map((row) => Object.values(row) as [string, string]));
    expect(settings).toMatchObject(
      mysql
        ? { wait_timeout: '28800', lock_wait_timeout: '1' }
        : {
            statement_timeout: '0',
            lock_timeout: '0',
            idle_in_transaction_session_timeout: '0',
            client_connection_check_interval: '1000',
            tcp_keepalives_idle: '30',
            application_name: `nest-migrate:${'?'.repeat(50)}`, // 63 bytes
          },
    );
  });

  it('of a reader leaves no trace of its own in the session', async () => {
    const session = await open('reader', { applicationName: 'ignored' });
    const rows = mysql
      ? await session.query(
          'SELECT 1 AS one FROM DUAL WHERE @@wait_timeout <> @@GLOBAL.wait_timeout',
        )
      : await session.query(
          `SELECT name FROM pg_settings WHERE source IN ('session', 'client') AND name NOT IN ('client_encoding')`,
        );
    expect(rows).toEqual([]);
  });

  it('is told when the server ends it while it is idle', async () => {
    const session = await open();
    await endBackend(session);
    expect(await lost(session)).toMatchObject({ code: 'SESSION_LOST', exitCode: 6 });
    await refusal('SESSION_LOST', session.query('SELECT 1'));
    await refusal('SESSION_LOST', session.execute('SELECT 1'));
  });

  it('is told when the server ends it in the middle of a statement', async () => {
    const session = await open();
    const slow = rejection(session.query(sleep));
    await running(session, 'sleep');
    await endBackend(session);
    const [error] = await Promise.all([slow, lost(session)]);
    // MySQL may say "interrupted" before it hangs up.
    expect(error).toMatchObject({ name: expect.stringMatching(/MigratorError|StatementError/) });
    await refusal('SESSION_LOST', session.query('SELECT 1'));
  });

  it('can be cancelled from elsewhere and lives on', async () => {
    const session = await open();
    const slow = rejection(session.query(mysql ? endless : sleep));
    await running(session, mysql ? 'endless' : 'sleep');
    await session.cancel();
    const error = await slow;
    expect(error).toBeInstanceOf(StatementError);
    expect(error).toMatchObject({ kind: 'cancelled' });
    expect(await session.query('SELECT 1 AS one')).toHaveLength(1);
    expect(session.lost.aborted).toBe(false);
  });

  it('gives up a statement that takes too long for a reader', async () => {
    const session = await open('reader', { queryTimeoutMs: 50 });
    const error = await refusal('UNREACHABLE', session.query(sleep));
    expect(error.message).toContain('50 ms');
    expect(session.lost.aborted).toBe(true);
    await expect(session.query('SELECT 1')).rejects.toBeInstanceOf(MigratorError);
  });

  it('is gone from the server when close() has resolved, and may be closed twice', async () => {
    const session = await open();
    await session.close();
    await session.close();
    const rows = await test.query(
      mysql
        ? `SELECT 1 AS one FROM information_schema.processlist WHERE id = ${session.backendId}`
        : `SELECT 1 AS one FROM pg_stat_activity WHERE pid = ${session.backendId}`,
    );
    expect(rows).toEqual([]);
    expect(session.lost.aborted).toBe(false);
    await refusal('SESSION_LOST', session.query('SELECT 1'));
  });

  it('can be closed while a statement runs', async () => {
    const session = await open();
    const slow = rejection(session.query(sleep));
    await running(session, 'sleep');
    await session.close();
    expect(await slow).toMatchObject({ code: 'SESSION_LOST' });
    expect(session.lost.aborted).toBe(false);
  });

  it('tells a refused statement by facts alone, without SQL, rows or parameters', async () => {
    const session = await open();
    await session.execute(`INSERT INTO t VALUES (7, '${CANARY}')`);
    const duplicate = await rejection(
      session.query(mysql ? 'INSERT INTO t VALUES (?, ?)' : 'INSERT INTO t VALUES ($1, $2)', [
        7,
        CANARY,
      ]),
    );
    expect(duplicate).toBeInstanceOf(StatementError);
    expect(duplicate).toMatchObject(
      mysql
        ? { facts: { errno: 1062, code: 'ER_DUP_ENTRY' } }
        : { facts: { code: '23505', table: 't' } },
    );
    expectNoSecret(duplicate);
    expectNoSecret(await rejection(session.execute(`SELECT '${CANARY}' FROM`)));
    expectNoSecret(await rejection(session.execute(`INSERT INTO t VALUES ('${CANARY}', '')`)));
    await session.execute('DELETE FROM t');
  });

  it('says what a refusal means', async () => {
    const session = await open();
    const user = await test.createUser((name) =>
      mysql ? [`GRANT SELECT ON ${test.name}.t TO ${name}`] : [],
    );
    const stranger = await createDatabase({ dialect, url: user.url }).connect({ role: 'runner' });
    const kindOf = async (sql: string, on = session) =>
      ((await rejection(on.execute(sql))) as StatementError).kind;

    expect(await kindOf('SELECT * FROM nowhere')).toBe('missing-table');
    expect(await kindOf('CREATE TABLE t (id int)')).toBe('duplicate-object');
    expect(await kindOf('ALTER TABLE t ADD COLUMN secret int')).toBe('duplicate-object');
    expect(await kindOf('DROP TABLE t', stranger)).toBe('privilege');
    expect(await kindOf('CREATE TABLE no_such_schema.x (id int)')).toBe('missing-schema');
    expect(await kindOf('SELEC 1')).toBe('other');
    await withTransaction(session, { readOnly: true }, async () => {
      expect(await kindOf('DELETE FROM t')).toBe('read-only');
    });
    await session.execute(
      mysql
        ? `SET ${flavour === 'mariadb' ? 'max_statement_time = 0.05' : 'max_execution_time = 50'}`
        : 'SET statement_timeout = 50',
    );
    expect(await kindOf(mysql ? endless : sleep)).toBe('statement-timeout');
    await stranger.close();
    await user.drop();
  });

  if (!mysql) {
    it('tells what does not go inside a transaction', async () => {
      const session = await open();
      await session.execute('BEGIN');
      expect(await rejection(session.execute('VACUUM'))).toMatchObject({
        kind: 'not-in-transaction',
      });
    });
  }

  it('tells a lock time-out', async () => {
    const holder = await open();
    const waiter = await open();
    await holder.query(mysql ? 'START TRANSACTION' : 'BEGIN');
    await holder.query('SELECT * FROM t');
    if (!mysql) await waiter.query("SET lock_timeout = '50ms'");
    expect(await rejection(waiter.execute('ALTER TABLE t ADD COLUMN extra int'))).toMatchObject({
      kind: 'lock-timeout',
    });
    await holder.query('ROLLBACK');
  });

  it('commits a bracket that resolves, rolls back one that rejects, and reports the first error', async () => {
    const session = await open();
    expect(
      await withTransaction(session, {}, async () => {
        await session.execute("INSERT INTO t VALUES (1, 'kept')");
        return 'value';
      }),
    ).toBe('value');
    const failure = new Error('mine');
    const body = async () => {
      await session.execute("INSERT INTO t VALUES (2, 'not kept')");
      throw failure;
    };
    await expect(withTransaction(session, {}, body)).rejects.toBe(failure);
    expect(await session.query('SELECT id AS id FROM t')).toEqual([{ id: 1 }]);

    const killed = withTransaction(session, {}, async () => {
      await endBackend(session);
      await lost(session);
      throw failure;
    });
    await expect(killed).rejects.toBe(failure);
    await test.query('DELETE FROM t');
  });
});
