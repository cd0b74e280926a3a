import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { Client } from 'pg';
import { onlineForm, type OnlineUnit } from '../../src/statements/online/online-form.js';
import { servers, type TestDatabase } from '../servers/index.js';

const SETUP_POSTGRES = `
  drop table if exists t, u cascade;
  create table u (id int primary key);
  create table t (id int, a int, b text, c int);
  insert into u select generate_series(1, 50);
  insert into t select n, n, 'row ' || n, n from generate_series(1, 50) n;
  create index old_index on t (c);
`;

const POSTGRES = [
  'create index new_index on t (a, b desc) where a > 3',
  'create index on t (a)',
  'create unique index new_index on public.t (a) include (b)',
  'drop index old_index',
  'reindex table t',
  'alter table t alter column a set not null',
  'alter table t add constraint positive check (a > 0)',
  'alter table public.t add constraint t_a_u_id_fk foreign key (a) references u (id) on delete cascade',
  'alter table t add constraint t_a_unique unique (a)',
  'alter table t add constraint t_ab_unique unique nulls not distinct (a, b) include (c) with (fillfactor = 70) deferrable initially deferred',
  'alter table t add constraint t_pk primary key (id, a)',
  'alter table only t add primary key (id)',
];

/** Everything that a statement of the list can leave behind. */
const CATALOGUE = `
  select 'column' as kind, attname::text as name, attnotnull::text as is
    from pg_attribute where attrelid = 't'::regclass and attnum > 0
  union all
  select 'constraint', conname::text,
         concat_ws(' ', contype, convalidated, condeferrable, condeferred, conindid::regclass, pg_get_constraintdef(oid))
    from pg_constraint where conrelid = 't'::regclass
  union all
  select 'index', indexrelid::regclass::text,
         concat_ws(' ', indisunique, indisprimary, indisvalid, indisready, indislive, indimmediate, pg_get_indexdef(indexrelid),
                   array_to_string((select reloptions from pg_class where oid = indexrelid), ','))
    from pg_index where indrelid = 't'::regclass
  order by 1, 2`;

/** Modes that keep writers out. */
const STRONG = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'];

describe.each(['postgres18', 'postgres15'] as const)('%s', (name) => {
  let database: TestDatabase;
  let client: Client;
  let other: Client;
  beforeAll(async () => {
    database = await (await servers[name]()).createDatabase();
    client = new Client({ connectionString: database.url });
    other = new Client({ connectionString: database.url });
    await Promise.all([client.connect(), other.connect()]);
  });
  afterAll(async () => {
    await Promise.all([client.end(), other.end()]);
    await database.drop();
  });

  const catalogue = async (): Promise<unknown> => (await client.query(CATALOGUE)).rows;
  const strongLocks = async (pid: number): Promise<readonly string[]> => {
    const { rows } = await other.query<{ mode: string }>(
      `select distinct mode from pg_locks where pid = $1 and granted and relation = 't'::regclass`,
      [pid],
    );
    return rows.map(({ mode }) => mode).filter((mode) => STRONG.includes(mode));
  };
  /** Counted since this session last handed its counts over, which may be some transactions ago. */
  const scans = async (): Promise<number> => {
    const { rows } = await client.query<{ n: string }>(
      `select seq_scan as n from pg_stat_xact_user_tables where relid = 't'::regclass`,
    );
    return Number(rows[0]?.n);
  };
  const pidOf = async (session: Client): Promise<number> =>
    (await session.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid ?? 0;

  /** Runs a unit; says whether it scanned the table under a lock that keeps writers out. */
  async function run({ mode, statements }: OnlineUnit): Promise<'blocking scan' | 'fine'> {
    if (mode === 'autocommit') {
      for (const statement of statements) await client.query(statement);
      return 'fine';
    }
    await client.query('begin');
    const before = await scans();
    for (const statement of statements) await client.query(statement);
    const scanned = (await scans()) > before;
    const strong = await strongLocks(await pidOf(client));
    await client.query('commit');
    return strong.length > 0 && scanned ? 'blocking scan' : 'fine';
  }

  test.each(POSTGRES)('%s: the same end state, and no scan that keeps writers out', async (sql) => {
    await client.query(SETUP_POSTGRES);
    await client.query(sql);
    const plain = await catalogue();

    await client.query(SETUP_POSTGRES);
    const units = onlineForm({ sql }, 'postgresql');
    expect(units).not.toBeNull();
    for (const unit of units ?? []) expect(await run(unit)).toBe('fine');
    expect(await catalogue()).toEqual(plain);
  });

  test('the plain SET NOT NULL does scan: the probe can tell', async () => {
    await client.query(SETUP_POSTGRES);
    const sql = 'alter table t alter column a set not null';
    expect(await run({ mode: 'transaction', statements: [sql] })).toBe('blocking scan');
  });

  test.each(POSTGRES.filter((sql) => !sql.startsWith('alter')))(
    '%s: writers go on while it waits for an older one',
    async (sql) => {
      await client.query(SETUP_POSTGRES);
      const [unit] = onlineForm({ sql }, 'postgresql') ?? [];
      const pid = await pidOf(client);
      const writer = new Client({ connectionString: database.url });
      await writer.connect();
      await writer.query('begin');
      await writer.query('update t set c = 0 where id = 1');
      const building = client.query(unit?.statements[0] ?? '');
      const waiting = async (): Promise<boolean> => {
        const { rows } = await other.query<{ n: string }>(
          `select count(*) as n from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'`,
          [pid],
        );
        return rows[0]?.n === '1';
      };
      const giveUpAt = Date.now() + 20_000;
      while (!(await waiting())) expect(Date.now()).toBeLessThan(giveUpAt);
      expect(await strongLocks(pid)).toEqual([]);
      await other.query('update t set c = 0 where id = 2');
      await writer.query('commit');
      await building;
      await writer.end();
    },
  );
});

const SETUP_MYSQL = [
  'drop table if exists t',
  'drop table if exists u',
  'create table u (id int primary key)',
  `create table t (id int not null, a int not null, b varchar(20) default 'x' comment 'kept', c int, d int, e enum('p', 'q'),
     constraint positive check (a > 0), constraint t_u foreign key (d) references u (id), index old_index (c)) default charset utf8mb4`,
  "insert into t (id, a, b, c) values (1, 1, 'one', 1), (2, 2, 'two', 2)",
];

const MYSQL = [
  'alter table `t` add `n` int',
  "alter table t add n int not null default 3 comment 'c' after id",
  'alter table t drop column b',
  'alter table t rename column b to bb',
  "alter table t alter column b set default 'y'",
  'alter table t alter column b drop default',
  'alter table t modify column c int not null',
  "alter table t modify column e enum('p', 'q', 'r')",
  'alter table t change c cc int',
  'alter table t add constraint t_a_unique unique (a)',
  'alter table t add index new_index (a, b)',
  'alter table t add primary key (id)',
  'alter table t drop foreign key t_u',
  'alter table t drop index old_index',
  'create index new_index on t (a)',
  'create unique index new_index on t (a)',
  'drop index old_index on t',
  'alter table t add n int, add index new_index (a)',
];

describe.each(['mysql', 'mariadb'] as const)('%s', (name) => {
  let database: TestDatabase;
  let connection: Connection;
  beforeAll(async () => {
    database = await (await servers[name]()).createDatabase();
    connection = await createConnection(database.url);
  });
  afterAll(async () => {
    await connection.end();
    await database.drop();
  });
  const setUp = async (): Promise<void> => {
    for (const statement of SETUP_MYSQL) await connection.query(statement);
  };
  const definition = async (): Promise<unknown> =>
    (await connection.query<RowDataPacket[]>('show create table t'))[0][0]?.['Create Table'];

  test.each(MYSQL)('%s: the server accepts the clauses, the end state is the same', async (sql) => {
    await setUp();
    await connection.query(sql);
    const plain = await definition();

    await setUp();
    const units = onlineForm({ sql }, 'mysql');
    expect(units).not.toBeNull();
    for (const { statements } of units ?? [])
      for (const statement of statements) await connection.query(statement);
    expect(await definition()).toBe(plain);
  });

  test('a change that needs a copy is refused and not made', async () => {
    await setUp();
    const before = await definition();
    const [unit] = onlineForm({ sql: 'alter table t modify column c varchar(9)' }, 'mysql') ?? [];
    await expect(connection.query(unit?.statements[0] ?? '')).rejects.toMatchObject({
      errno: expect.any(Number),
    });
    expect(await definition()).toBe(before);
  });
});
