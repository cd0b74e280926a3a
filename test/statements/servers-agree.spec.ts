import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { Client } from 'pg';
import { readStatements } from '../../src/statements/read-statements.js';
import type { ClassifiedStatement } from '../../src/statements/statement.js';
import { servers, type TestDatabase } from '../servers/index.js';

const MARKER = '--> statement-breakpoint';

function only(sql: string, dialect: 'postgresql' | 'mysql'): ClassifiedStatement {
  const [statement, more] = readStatements(sql, dialect).statements;
  if (statement === undefined || more !== undefined) throw new Error(`not one statement: ${sql}`);
  return statement;
}

const SETUP_POSTGRES = `
  create table parents (id int primary key);
  create table orders (id int primary key, a int, b text default 'x', c int, constraint positive check (a > 0) not valid);
  create table parted (id int) partition by range (id);
  create table part1 partition of parted for values from (0) to (10);
  create table part2 (id int);
  create index orders_b on orders (b);
  create function tick() returns trigger language plpgsql as $$ begin return new; end $$;
  create trigger old before insert on orders for each row execute function tick();
  create materialized view totals as select 1 as n;`;

const ODD_POSTGRES = `
/* a /* b; */ c; */ select $$;$$ as "a;""b"; select E'a\\';', 'c\\'${MARKER}
select 1 -- a ${MARKER} select 2
;
select e'a'
  '\\';b', U&"\\0069d;" from (select 1 as "id;") x;
create function f() returns int language sql begin atomic select 1; select case when true then 2 else 3 end; end;
create or replace procedure p() begin atomic insert into parents values (1); end;
create rule r as on insert to parents do also (select 1; select 2);
do $a$ begin perform $b$ ; $$ ' -- $b$; end $a$;
select $ü$;$ü$ as a$b$c, 5--1;
;
create table ÜbER$1 (id int); select 1 as "${MARKER}";
${MARKER}
select '{}'::jsonb ?& array['a;'], 1 <@ int4range(1, 2) -- '
;;
`;

const OUTSIDE_TRANSACTIONS = [
  'create index concurrently i on orders (a)',
  'drop index concurrently orders_b',
  'reindex index concurrently orders_b',
  'reindex (concurrently) table orders',
  'reindex schema public',
  'vacuum orders',
  'vacuum (full) orders',
  'create database never',
  'drop database if exists never',
  'alter system set work_mem = 1024',
  'alter table parted detach partition part1 concurrently',
  "create subscription s connection 'host=localhost' publication p",
  'cluster',
];

const LOCKING = [
  'alter table orders add column d int',
  'alter table orders add column d int references parents',
  'alter table orders drop column c',
  'alter table orders alter column a set not null',
  'alter table orders alter column a type bigint',
  'alter table orders alter column a set statistics 10',
  'alter table orders set (fillfactor = 70)',
  'alter table orders add constraint f foreign key (a) references parents',
  'alter table orders add constraint f foreign key (a) references parents not valid',
  'alter table orders add constraint u unique (a)',
  'alter table orders validate constraint positive',
  'alter table orders disable trigger old',
  'alter table orders enable row level security',
  'alter table orders rename column a to d',
  'alter table orders rename to bills',
  'alter table parted attach partition part2 for values from (20) to (30)',
  'alter table parted detach partition part1',
  'create table part3 partition of parted for values from (30) to (40)',
  'create table child (id int references parents, a int)',
  'create index i on orders (a)',
  'create trigger t before insert on orders for each row execute function tick()',
  'create policy p on orders using (true)',
  'create rule r as on insert to orders do nothing',
  'create statistics s on a, c from orders',
  'drop trigger old on orders',
  'truncate part2',
  'insert into orders values (1)',
  'update orders set a = 1',
  'with x as (delete from orders returning *) select * from x',
  'lock table orders in share mode',
  'analyze orders',
  'cluster orders using orders_pkey',
  'reindex table orders',
];

/** Relation locks of this transaction, without what it created, indexes and catalogues, and without those of mere readers. */
const LOCKS_HELD = `
  select replace(c.relname, 'bills', 'orders') as name, l.mode
    from pg_locks l
    join pg_class c on c.oid = l.relation
   where l.pid = pg_backend_pid() and c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
     and c.relname not in ('child', 'part3') and l.mode not in ('AccessShareLock')`;

const ORDER = [
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
];

function modeOf(mode: string): string {
  return mode
    .replace(/Lock$/, '')
    .replace(/\B[A-Z]/g, (letter) => ` ${letter}`)
    .toUpperCase();
}

function strongest(locks: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const one of locks) {
    const name = one.slice(0, one.indexOf(' '));
    const mode = one.slice(name.length + 1);
    const before = found[name];
    if (before === undefined || ORDER.indexOf(mode) > ORDER.indexOf(before)) found[name] = mode;
  }
  return found;
}

const SETUP_MYSQL = [
  'create table mark (a int) engine=InnoDB',
  'create table orders (id int primary key, a int, b varchar(20))',
  'create table victim (id int)',
  'create procedure nothing() begin end',
];

const ODD_MYSQL = `
create table odd (a int primary key, b int) # it's;
;
create trigger one before insert on odd for each row begin set new.b = new.b + 1; if new.a > 1 then set new.b = case when true then new.b + 1 else 0 end; end if; end;
${MARKER}
insert into odd values (1, 10);
insert into odd values (2, 5--95);
create definer=current_user procedure p() begin declare i int default 0; l: loop set i = i + 1; if i > 3 then leave l; end if; end loop l; while i > 0 do set i = i - 1; end while; repeat set i = i + 1; until i > 2 end repeat; case i when 3 then select 1; else begin end; end case; end;
select 'a\\';b', "c\\";d", \`b\` as \`e;\`\`f\` from odd;
/*!50000 set @a = '*/;' */;
select /*+ NO_INDEX_MERGE(odd) ; */ 5-- 1;'
;
create function f(x int) returns int deterministic return case when x then 1 else 2 end;
create trigger two before update on odd for each row if new.a then if new.b then set new.b = 1; end if; set new.a = 2; end if${MARKER}create event e on schedule every 1 day do begin delete from victim; end;
create or replace view v as select 1 as begin, 2 as end_;
`;

const COMMITS = [
  'create table c1 (a int)',
  'create temporary table c2 (a int)',
  'drop temporary table if exists c2',
  'alter table orders add column c int',
  'create index i on orders (a)',
  'drop index i on orders',
  'rename table victim to victims',
  'truncate table victims',
  'drop table victims',
  'create view w as select 1',
  'drop view w',
  'create trigger t before insert on orders for each row set new.a = 1',
  'drop trigger t',
  'analyze table orders',
  'optimize table orders',
  'flush tables',
  'set @a = 1',
  'insert into orders (id) values (1)',
  'update orders set a = 2',
  'delete from orders',
  'replace into orders (id) values (1)',
  "prepare s from 'select 1'",
  'deallocate prepare s',
  'select 1',
  'do sleep(0)',
  'show tables',
  'set names utf8mb4',
];

describe.each(['postgres18', 'postgres15'] as const)('%s agrees', (name) => {
  let database: TestDatabase;
  let client: Client;
  beforeAll(async () => {
    database = await (await servers[name]()).createDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
    for (const { sql } of readStatements(SETUP_POSTGRES, 'postgresql').statements) await one(sql);
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });
  /** The extended protocol takes one statement and no more. */
  const one = (text: string): Promise<unknown> =>
    client.query({ text, queryMode: 'extended' } as never);

  test('each piece is one statement to the server', async () => {
    await client.query('BEGIN');
    const { statements } = readStatements(ODD_POSTGRES, 'postgresql');
    for (const { sql } of statements) await one(sql);
    await client.query('ROLLBACK');
    expect(statements).toHaveLength(13);
  });

  test.each(OUTSIDE_TRANSACTIONS)('%s cannot run in a transaction', async (sql) => {
    expect(only(sql, 'postgresql').is.transactional).toBe(false);
    await client.query('BEGIN');
    await expect(client.query(sql)).rejects.toMatchObject({ code: '25001' });
    await client.query('ROLLBACK');
  });

  test.each(LOCKING)('%s runs in a transaction and takes the locks we say', async (sql) => {
    const { is } = only(sql, 'postgresql');
    expect(is.transactional).toBe(true);
    await client.query('BEGIN');
    await client.query(sql);
    const { rows } = await client.query<{ name: string; mode: string }>(LOCKS_HELD);
    await client.query('ROLLBACK');
    const said = is.locks
      .filter(({ object }) => object.kind === 'table')
      .map(({ object, mode }) => `${object.name} ${mode}`);
    // The server may hold weaker modes besides; the strongest of each table is what others meet.
    expect(strongest(said)).toEqual(
      strongest(rows.map((row) => `${row.name} ${modeOf(row.mode)}`)),
    );
  });
});

describe.each(['mysql', 'mariadb'] as const)('%s agrees', (name) => {
  let database: TestDatabase;
  let connection: Connection;
  beforeAll(async () => {
    database = await (await servers[name]()).createDatabase();
    connection = await createConnection(database.url);
    for (const sql of SETUP_MYSQL) await connection.query(sql);
  });
  afterAll(async () => {
    await connection.end();
    await database.drop();
  });

  test('each piece is one statement to the server', async () => {
    const { statements } = readStatements(ODD_MYSQL, 'mysql');
    for (const { sql } of statements) await connection.query(sql);
    expect(statements).toHaveLength(12);
    const [rows] = await connection.query<RowDataPacket[]>('select b from odd order by a');
    expect(rows.map(({ b }) => b as number)).toEqual([11, 102]);
  });

  test('a text in the modes that change reading', async () => {
    await connection.query(
      "set session sql_mode = concat(@@sql_mode, ',ANSI_QUOTES,NO_BACKSLASH_ESCAPES')",
    );
    const mode = { ansiQuotes: true, noBackslashEscapes: true };
    const { statements } = readStatements(`select 'a\\' as "b;\\"; select 2`, 'mysql', { mode });
    for (const { sql } of statements) await connection.query(sql);
    await connection.query('set session sql_mode = default');
    expect(statements).toHaveLength(2);
  });

  test.each(COMMITS)('%s: we know whether it commits', async (sql) => {
    await connection.query('delete from mark');
    await connection.query('start transaction');
    await connection.query('insert into mark values (1)');
    await connection.query(sql);
    await connection.query('rollback');
    const [rows] = await connection.query<RowDataPacket[]>('select a from mark');
    expect(only(sql, 'mysql').is.transactional).toBe(rows.length === 0);
  });
});
