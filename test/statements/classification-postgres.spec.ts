import { classify } from '../../src/statements/classify.js';
import { classificationText } from './classification-text.js';

/** Expected parts; what is left out is not looked at, except that `transactional` is true unless said otherwise. */
interface Expected {
  readonly category: string;
  readonly transactional?: boolean;
  readonly control?: string | null;
  readonly touches?: readonly string[];
  readonly effects?: readonly string[];
  readonly locks?: readonly string[];
  readonly repeatable?: boolean;
  readonly temporary?: boolean;
  readonly enumValue?: string;
  readonly refused?: boolean;
}

const T = 'table orders';
const C = 'column orders.a';
const AE = 'ACCESS EXCLUSIVE';
const SUE = 'SHARE UPDATE EXCLUSIVE';
const SRE = 'SHARE ROW EXCLUSIVE';

const CASES: readonly (readonly [sql: string, expected: Expected])[] = [
  // Transaction control
  ['BEGIN', { category: 'control', control: 'begin' }],
  ['START TRANSACTION ISOLATION LEVEL SERIALIZABLE', { category: 'control', control: 'begin' }],
  ['COMMIT', { category: 'control', control: 'commit' }],
  ['COMMIT WORK', { category: 'control', control: 'commit' }],
  ['end transaction', { category: 'control', control: 'commit' }],
  ['COMMIT AND CHAIN', { category: 'control', control: 'commit-chain' }],
  ['COMMIT AND NO CHAIN', { category: 'control', control: 'commit' }],
  ['END WORK AND CHAIN', { category: 'control', control: 'commit-chain' }],
  ['ROLLBACK', { category: 'control', control: 'rollback', refused: true }],
  ['ABORT', { category: 'control', control: 'rollback', refused: true }],
  ['ROLLBACK TO SAVEPOINT a', { category: 'control', control: 'savepoint' }],
  ['ROLLBACK WORK TO a', { category: 'control', control: 'savepoint' }],
  ['SAVEPOINT a', { category: 'control', control: 'savepoint' }],
  ['RELEASE a', { category: 'control', control: 'savepoint' }],
  ["PREPARE TRANSACTION 'x'", { category: 'control', control: 'prepare', refused: true }],
  ["COMMIT PREPARED 'x'", { category: 'other', transactional: false }],
  // Refused functions
  ['SELECT pg_advisory_unlock_all()', { category: 'query', refused: true }],
  ['SELECT "pg_advisory_unlock" (1)', { category: 'query', refused: true }],
  ["SELECT 'pg_advisory_unlock(1)'", { category: 'query', refused: false }],
  ['DISCARD ALL', { category: 'setting', transactional: false, refused: true }],
  ['DISCARD PLANS', { category: 'setting', refused: false }],
  // Not in a transaction
  [
    'CREATE INDEX CONCURRENTLY i ON orders (a)',
    {
      category: 'ddl',
      transactional: false,
      touches: ['index orders.i'],
      effects: ['adds index orders.i'],
      locks: [`${T}: ${SUE} index build`],
    },
  ],
  [
    'DROP INDEX CONCURRENTLY IF EXISTS s.i',
    {
      category: 'ddl',
      transactional: false,
      touches: ['index s.i'],
      effects: ['relaxes index s.i'],
      locks: [`index s.i: ${SUE} metadata`],
      repeatable: true,
    },
  ],
  ['REINDEX INDEX CONCURRENTLY i', { category: 'other', transactional: false }],
  [
    'REINDEX (CONCURRENTLY) TABLE orders',
    { category: 'other', transactional: false, locks: [`${T}: ${SUE} index build`] },
  ],
  [
    'REINDEX (CONCURRENTLY false) TABLE orders',
    { category: 'other', locks: [`${T}: SHARE index build`] },
  ],
  ['REINDEX TABLE orders', { category: 'other', locks: [`${T}: SHARE index build`] }],
  ['REINDEX DATABASE', { category: 'other', transactional: false }],
  ['REINDEX SCHEMA s', { category: 'other', transactional: false }],
  ['ALTER TABLE orders DETACH PARTITION p CONCURRENTLY', { category: 'ddl', transactional: false }],
  ['VACUUM', { category: 'other', transactional: false, repeatable: true }],
  [
    'VACUUM (FULL, ANALYZE) orders',
    { category: 'other', transactional: false, locks: [`${T}: ${AE} rewrite`] },
  ],
  [
    'VACUUM (FULL false) orders',
    { category: 'other', transactional: false, locks: [`${T}: ${SUE} scan`] },
  ],
  [
    'VACUUM FULL VERBOSE orders',
    { category: 'other', transactional: false, locks: [`${T}: ${AE} rewrite`] },
  ],
  ['CREATE DATABASE d', { category: 'ddl', transactional: false }],
  ['DROP DATABASE IF EXISTS d', { category: 'ddl', transactional: false }],
  ['ALTER DATABASE d SET TABLESPACE t', { category: 'ddl', transactional: false }],
  ['ALTER DATABASE d SET work_mem = 1', { category: 'ddl' }],
  ["CREATE TABLESPACE t LOCATION '/x'", { category: 'ddl', transactional: false }],
  ['DROP TABLESPACE t', { category: 'ddl', transactional: false }],
  ['ALTER SYSTEM SET work_mem = 1', { category: 'ddl', transactional: false }],
  ["CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p", { category: 'ddl', transactional: false }],
  [
    "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (create_slot = false)",
    { category: 'ddl' },
  ],
  ['DROP SUBSCRIPTION s', { category: 'ddl', transactional: false }],
  ['ALTER SUBSCRIPTION s REFRESH PUBLICATION', { category: 'ddl', transactional: false }],
  ['ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = false)', { category: 'ddl' }],
  ['ALTER SUBSCRIPTION s DISABLE', { category: 'ddl' }],
  ['CLUSTER', { category: 'other', transactional: false }],
  ['CLUSTER orders USING i', { category: 'other', locks: [`${T}: ${AE} rewrite`] }],
  // CREATE
  [
    'CREATE TABLE "Orders" (id serial PRIMARY KEY)',
    { category: 'ddl', touches: ['table Orders'], effects: ['adds table Orders'], locks: [] },
  ],
  [
    'CREATE TABLE IF NOT EXISTS Public.ORDERS (id int)',
    { category: 'ddl', touches: ['table public.orders'], repeatable: true },
  ],
  [
    'CREATE TABLE a (o int REFERENCES orders, p int, FOREIGN KEY (p) REFERENCES "public"."parts"(id), q int REFERENCES a)',
    {
      category: 'ddl',
      effects: ['adds table a'],
      locks: [`${T}: ${SRE} metadata`, `table public.parts: ${SRE} metadata`],
    },
  ],
  [
    'CREATE TABLE p1 PARTITION OF orders FOR VALUES IN (1)',
    { category: 'ddl', locks: [`${T}: ${AE} metadata`] },
  ],
  ['CREATE TEMP TABLE t (a int)', { category: 'ddl', temporary: true, effects: ['adds table t'] }],
  ['CREATE UNLOGGED TABLE t (a int)', { category: 'ddl', effects: ['adds table t'] }],
  ['CREATE TABLE "Ünï" AS SELECT 1', { category: 'ddl', effects: ['adds table Ünï'] }],
  ['CREATE TABLE ÜNÏ ()', { category: 'ddl', effects: ['adds table ÜnÏ'] }],
  ['CREATE TABLE U&"d\\0061t\\+000061" ()', { category: 'ddl', effects: ['adds table data'] }],
  ['CREATE TABLE "a""b" ()', { category: 'ddl', effects: ['adds table a"b'] }],
  [
    'CREATE UNIQUE INDEX i ON ONLY s.orders USING btree (a)',
    {
      category: 'ddl',
      touches: ['index s.orders.i'],
      effects: ['adds index s.orders.i'],
      locks: ['table s.orders: SHARE index build'],
    },
  ],
  [
    'CREATE INDEX ON orders (a)',
    { category: 'ddl', touches: [T], effects: ['adds index orders.'] },
  ],
  [
    'CREATE OR REPLACE VIEW v AS SELECT 1',
    { category: 'ddl', effects: ['adds view v'], locks: [`view v: ${AE} metadata`] },
  ],
  [
    'CREATE MATERIALIZED VIEW v AS SELECT 1',
    { category: 'ddl', effects: ['adds materialized view v'] },
  ],
  ["CREATE TYPE mood AS ENUM ('a')", { category: 'ddl', effects: ['adds type mood'] }],
  ['CREATE DOMAIN d AS int', { category: 'ddl', effects: ['adds domain d'] }],
  [
    'CREATE SCHEMA IF NOT EXISTS s',
    { category: 'ddl', effects: ['adds schema s'], repeatable: true },
  ],
  ['CREATE SCHEMA AUTHORIZATION joe', { category: 'ddl', effects: ['adds schema joe'] }],
  ['CREATE SEQUENCE s', { category: 'ddl', effects: ['adds sequence s'] }],
  [
    'CREATE EXTENSION IF NOT EXISTS "uuid-ossp"',
    { category: 'ddl', effects: ['adds extension uuid-ossp'] },
  ],
  [
    'CREATE OR REPLACE FUNCTION f(a int) RETURNS int AS $$ SELECT pg_advisory_unlock(1) $$ LANGUAGE sql',
    { category: 'ddl', effects: ['adds function f'], refused: false, repeatable: true },
  ],
  [
    'CREATE TRIGGER t AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION f()',
    {
      category: 'ddl',
      touches: ['trigger orders.t'],
      effects: ['adds trigger orders.t'],
      locks: [`${T}: ${SRE} metadata`],
    },
  ],
  [
    'CREATE POLICY p ON orders USING (true)',
    { category: 'ddl', effects: ['adds policy orders.p'], locks: [`${T}: ${AE} metadata`] },
  ],
  [
    'CREATE RULE r AS ON INSERT TO orders DO NOTHING',
    { category: 'ddl', effects: ['adds rule orders.r'], locks: [`${T}: ${AE} metadata`] },
  ],
  ['CREATE ROLE joe', { category: 'ddl', effects: ['adds role joe'] }],
  // DROP
  [
    'DROP TABLE IF EXISTS orders, s.b CASCADE',
    {
      category: 'ddl',
      touches: [T, 'table s.b'],
      effects: [`removes ${T}`, 'removes table s.b'],
      locks: [`${T}: ${AE} metadata`, `table s.b: ${AE} metadata`],
      repeatable: true,
    },
  ],
  ['DROP VIEW v', { category: 'ddl', effects: ['removes view v'] }],
  ['DROP TYPE t', { category: 'ddl', effects: ['removes type t'] }],
  ['DROP SCHEMA s', { category: 'ddl', effects: ['removes schema s'] }],
  [
    'DROP FUNCTION f(int, text), g()',
    { category: 'ddl', effects: ['removes function f', 'removes function g'] },
  ],
  ['DROP SEQUENCE s', { category: 'ddl', effects: ['removes sequence s'] }],
  [
    'DROP INDEX i',
    { category: 'ddl', effects: ['relaxes index i'], locks: [`index i: ${AE} metadata`] },
  ],
  [
    'DROP TRIGGER t ON orders',
    { category: 'ddl', effects: ['relaxes trigger orders.t'], locks: [`${T}: ${AE} metadata`] },
  ],
  [
    'DROP POLICY IF EXISTS p ON orders',
    { category: 'ddl', effects: ['relaxes policy orders.p'], repeatable: true },
  ],
  // ALTER TABLE
  [
    'ALTER TABLE orders ADD COLUMN a text',
    { category: 'ddl', touches: [T], effects: [`adds ${C}`], locks: [`${T}: ${AE} metadata`] },
  ],
  [
    "ALTER TABLE ONLY orders ADD a varchar(20) DEFAULT 'x' NOT NULL",
    { category: 'ddl', effects: [`adds ${C}`], locks: [`${T}: ${AE} metadata`] },
  ],
  [
    'ALTER TABLE orders ADD COLUMN a timestamptz DEFAULT now() NOT NULL',
    { category: 'ddl', effects: [`adds ${C}`], locks: [`${T}: ${AE} metadata`] },
  ],
  [
    'ALTER TABLE orders ADD COLUMN a uuid DEFAULT gen_random_uuid() NOT NULL',
    { category: 'ddl', effects: [`adds ${C}`], locks: [`${T}: ${AE} rewrite`] },
  ],
  [
    'ALTER TABLE orders ADD COLUMN a text NOT NULL',
    { category: 'ddl', effects: [`adds ${C} !`], locks: [`${T}: ${AE} metadata`] },
  ],
  [
    'ALTER TABLE orders ADD COLUMN a text DEFAULT NULL NOT NULL',
    { category: 'ddl', effects: [`adds ${C} !`] },
  ],
  [
    'ALTER TABLE orders ADD COLUMN a text CHECK (b IS NOT NULL)',
    { category: 'ddl', effects: [`adds ${C}`], locks: [`${T}: ${AE} scan`] },
  ],
  [
    'ALTER TABLE orders ALTER COLUMN a ADD GENERATED BY DEFAULT AS IDENTITY',
    { category: 'ddl', effects: [`relaxes ${C}`], locks: [`${T}: ${AE} metadata`] },
  ],
  [
    'ALTER TABLE orders ADD COLUMN a bigserial NOT NULL',
    { category: 'ddl', effects: [`adds ${C}`], locks: [`${T}: ${AE} rewrite`] },
  ],
  [
    'ALTER TABLE orders ADD COLUMN a int GENERATED ALWAYS AS IDENTITY',
    { category: 'ddl', effects: [`adds ${C}`], locks: [`${T}: ${AE} rewrite`] },
  ],
  [
    'ALTER TABLE orders ADD COLUMN a int GENERATED ALWAYS AS (b * 2) STORED NOT NULL',
    { category: 'ddl', effects: [`adds ${C}`], locks: [`${T}: ${AE} rewrite`] },
  ],
  [
    'ALTER TABLE orders ADD COLUMN a int PRIMARY KEY',
    { category: 'ddl', effects: [`adds ${C} !`], locks: [`${T}: ${AE} index build`] },
  ],
  [
    'ALTER TABLE orders ADD COLUMN a int NOT NULL REFERENCES b ON DELETE SET DEFAULT',
    {
      category: 'ddl',
      effects: [`adds ${C} !`],
      locks: [`${T}: ${AE} metadata`, `table b: ${SRE} metadata`],
    },
  ],
  [
    'ALTER TABLE orders DROP COLUMN IF EXISTS a CASCADE',
    { category: 'ddl', effects: [`removes ${C}`], locks: [`${T}: ${AE} metadata`] },
  ],
  [
    'ALTER TABLE orders ALTER COLUMN a SET DATA TYPE int USING a::int',
    { category: 'ddl', effects: [`retypes ${C}`], locks: [`${T}: ${AE} rewrite`] },
  ],
  ['ALTER TABLE orders ALTER a TYPE int', { category: 'ddl', effects: [`retypes ${C}`] }],
  [
    'ALTER TABLE orders ALTER COLUMN a SET NOT NULL',
    { category: 'ddl', effects: [`tightens ${C}`], locks: [`${T}: ${AE} scan`] },
  ],
  [
    'ALTER TABLE orders ALTER COLUMN a DROP NOT NULL',
    { category: 'ddl', effects: [`relaxes ${C}`], locks: [`${T}: ${AE} metadata`] },
  ],
  [
    'ALTER TABLE orders ALTER COLUMN a SET DEFAULT 1',
    { category: 'ddl', effects: [`relaxes ${C}`] },
  ],
  [
    'ALTER TABLE orders ALTER COLUMN a DROP DEFAULT',
    { category: 'ddl', effects: [`tightens ${C}`], locks: [`${T}: ${AE} metadata`] },
  ],
  [
    'ALTER TABLE orders ALTER COLUMN a SET STATISTICS 100',
    { category: 'ddl', effects: [`neutral ${C}`], locks: [`${T}: ${SUE} metadata`] },
  ],
  [
    'ALTER TABLE orders ALTER COLUMN a SET (n_distinct = 1)',
    { category: 'ddl', locks: [`${T}: ${SUE} metadata`] },
  ],
  [
    'ALTER TABLE orders RENAME COLUMN a TO b',
    { category: 'ddl', effects: [`renames ${C}`], locks: [`${T}: ${AE} metadata`] },
  ],
  ['ALTER TABLE orders RENAME a TO b', { category: 'ddl', effects: [`renames ${C}`] }],
  [
    'ALTER TABLE orders RENAME TO b',
    { category: 'ddl', touches: [T, 'table b'], effects: [`renames ${T}`] },
  ],
  [
    'ALTER TABLE orders RENAME CONSTRAINT a TO b',
    { category: 'ddl', effects: ['neutral constraint orders.a'] },
  ],
  ['ALTER TABLE orders SET SCHEMA s', { category: 'ddl', effects: [`renames ${T}`] }],
  [
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0)',
    { category: 'ddl', effects: ['adds constraint orders.c'], locks: [`${T}: ${AE} scan`] },
  ],
  [
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT VALID',
    { category: 'ddl', locks: [`${T}: ${AE} metadata`] },
  ],
  [
    'ALTER TABLE orders VALIDATE CONSTRAINT c',
    { category: 'ddl', effects: ['neutral constraint orders.c'], locks: [`${T}: ${SUE} scan`] },
  ],
  [
    'ALTER TABLE orders ADD CONSTRAINT c UNIQUE (a)',
    { category: 'ddl', effects: ['adds constraint orders.c'], locks: [`${T}: ${AE} index build`] },
  ],
  [
    'ALTER TABLE orders ADD CONSTRAINT c UNIQUE USING INDEX i',
    { category: 'ddl', locks: [`${T}: ${AE} metadata`] },
  ],
  [
    'ALTER TABLE orders ADD UNIQUE (a) USING INDEX TABLESPACE t',
    { category: 'ddl', locks: [`${T}: ${AE} index build`] },
  ],
  [
    'ALTER TABLE orders ADD PRIMARY KEY (a)',
    { category: 'ddl', effects: ['adds constraint orders.'], locks: [`${T}: ${AE} index build`] },
  ],
  [
    'ALTER TABLE "orders" ADD CONSTRAINT "c" FOREIGN KEY ("a") REFERENCES "public"."b"("id") ON DELETE no action',
    {
      category: 'ddl',
      effects: ['adds constraint orders.c'],
      locks: [`${T}: ${SRE} scan`, `table public.b: ${SRE} scan`],
    },
  ],
  [
    'ALTER TABLE orders ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES b NOT VALID',
    { category: 'ddl', locks: [`${T}: ${SRE} metadata`, `table b: ${SRE} metadata`] },
  ],
  [
    'ALTER TABLE orders ADD CONSTRAINT c NOT NULL a NOT VALID',
    { category: 'ddl', effects: [`tightens ${C}`], locks: [`${T}: ${AE} metadata`] },
  ],
  [
    'ALTER TABLE orders DROP CONSTRAINT c',
    { category: 'ddl', effects: ['relaxes constraint orders.c'], locks: [`${T}: ${AE} metadata`] },
  ],
  [
    'ALTER TABLE orders ENABLE ROW LEVEL SECURITY',
    { category: 'ddl', effects: [`neutral ${T}`], locks: [`${T}: ${AE} metadata`] },
  ],
  ['ALTER TABLE orders DISABLE TRIGGER t', { category: 'ddl', locks: [`${T}: ${SRE} metadata`] }],
  [
    'ALTER TABLE orders SET (fillfactor = 70)',
    { category: 'ddl', locks: [`${T}: ${SUE} metadata`] },
  ],
  ['ALTER TABLE orders SET UNLOGGED', { category: 'ddl', locks: [`${T}: ${AE} rewrite`] }],
  ['ALTER TABLE orders OWNER TO joe', { category: 'ddl', locks: [`${T}: ${AE} metadata`] }],
  [
    'ALTER TABLE orders ATTACH PARTITION p FOR VALUES IN (1, 2)',
    { category: 'ddl', locks: [`${T}: ${SUE} metadata`, `table p: ${AE} scan`] },
  ],
  [
    'ALTER TABLE orders ADD COLUMN a numeric(10, 2) DEFAULT 1, DROP COLUMN b, ALTER COLUMN c SET NOT NULL',
    {
      category: 'ddl',
      touches: [T],
      effects: [`adds ${C}`, 'removes column orders.b', 'tightens column orders.c'],
      locks: [`${T}: ${AE} metadata`, `${T}: ${AE} metadata`, `${T}: ${AE} scan`],
    },
  ],
  // ALTER of other things
  [
    "ALTER TYPE s.mood ADD VALUE IF NOT EXISTS 'it''s' BEFORE 'x'",
    {
      category: 'ddl',
      touches: ['type s.mood'],
      effects: ['adds type s.mood'],
      enumValue: "it's",
      repeatable: true,
    },
  ],
  ["ALTER TYPE mood RENAME VALUE 'a' TO 'b'", { category: 'ddl', effects: ['renames type mood'] }],
  ['ALTER TYPE mood RENAME TO m', { category: 'ddl', effects: ['renames type mood'] }],
  ['ALTER DOMAIN d SET NOT NULL', { category: 'ddl', effects: ['tightens domain d'] }],
  ['ALTER INDEX i RENAME TO j', { category: 'ddl', effects: ['neutral index i'] }],
  ['ALTER SEQUENCE s RENAME TO t', { category: 'ddl', effects: ['renames sequence s'] }],
  ['ALTER SEQUENCE s OWNED BY orders.a', { category: 'ddl', effects: ['neutral sequence s'] }],
  ['ALTER VIEW v RENAME TO w', { category: 'ddl', effects: ['renames view v'] }],
  ['ALTER SCHEMA s RENAME TO t', { category: 'ddl', effects: ['renames schema s'] }],
  ['ALTER FUNCTION f(int) RENAME TO g', { category: 'ddl', effects: ['renames function f'] }],
  [
    'ALTER POLICY p ON orders USING (false)',
    { category: 'ddl', effects: ['neutral policy orders.p'] },
  ],
  // Rows
  [
    'INSERT INTO s.orders VALUES (1)',
    { category: 'dml', locks: ['table s.orders: ROW EXCLUSIVE rows'], effects: [] },
  ],
  ['UPDATE ONLY orders SET a = 1', { category: 'dml', locks: [`${T}: ROW EXCLUSIVE rows`] }],
  ['DELETE FROM orders', { category: 'dml', locks: [`${T}: ROW EXCLUSIVE rows`] }],
  [
    'MERGE INTO orders USING b ON true WHEN MATCHED THEN DELETE',
    { category: 'dml', locks: [`${T}: ROW EXCLUSIVE rows`] },
  ],
  [
    'TRUNCATE orders, b',
    { category: 'dml', locks: [`${T}: ${AE} metadata`, `table b: ${AE} metadata`] },
  ],
  ["COPY orders (a) FROM '/tmp/x'", { category: 'dml', locks: [`${T}: ROW EXCLUSIVE rows`] }],
  ["COPY (SELECT 1) TO '/tmp/x'", { category: 'query' }],
  [
    'WITH x AS (SELECT 1), y (a) AS MATERIALIZED (SELECT 2) UPDATE orders SET a = 1',
    { category: 'dml', locks: [`${T}: ROW EXCLUSIVE rows`] },
  ],
  [
    'WITH x AS (DELETE FROM orders RETURNING *) SELECT * FROM x',
    { category: 'dml', locks: [`${T}: ROW EXCLUSIVE rows`] },
  ],
  ['WITH RECURSIVE x AS (SELECT 1) SELECT * FROM x', { category: 'query' }],
  ['SELECT 1', { category: 'query', repeatable: true }],
  ["SELECT setval('s', 1)", { category: 'query', repeatable: false }],
  ["SELECT pg_catalog.set_config('search_path', '', false)", { category: 'setting' }],
  [
    'SELECT * INTO TEMP t FROM orders',
    { category: 'ddl', temporary: true, effects: ['adds table t'] },
  ],
  ['SELECT a FROM orders FOR UPDATE', { category: 'query', locks: [`${T}: ROW SHARE rows`] }],
  // Settings, stored code, the rest
  ["SET lock_timeout = '1s'", { category: 'setting', repeatable: true }],
  ['RESET ALL', { category: 'setting' }],
  ['SET ROLE joe', { category: 'setting' }],
  ['PREPARE p AS SELECT 1', { category: 'setting', refused: false }],
  ['DO $$ BEGIN COMMIT; END $$', { category: 'call', control: null, effects: [] }],
  ['CALL p()', { category: 'call' }],
  [
    'LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE',
    { category: 'other', locks: [`${T}: ${SRE} metadata`] },
  ],
  ['LOCK orders', { category: 'other', locks: [`${T}: ${AE} metadata`] }],
  [
    'REFRESH MATERIALIZED VIEW v',
    { category: 'other', locks: [`materialized view v: ${AE} rewrite`] },
  ],
  [
    'REFRESH MATERIALIZED VIEW CONCURRENTLY v',
    { category: 'other', locks: ['materialized view v: EXCLUSIVE rewrite'] },
  ],
  [
    'ANALYZE orders (a), b',
    { category: 'other', locks: [`${T}: ${SUE} scan`, `table b: ${SUE} scan`] },
  ],
  ["COMMENT ON TABLE orders IS 'x'", { category: 'ddl', effects: [], repeatable: true }],
  ['GRANT SELECT ON orders TO joe', { category: 'ddl', effects: [], repeatable: true }],
  // Odd SQL
  ['', { category: 'other', effects: [], locks: [] }],
  ['FROBNICATE orders', { category: 'other', effects: [] }],
  ['CREATE', { category: 'ddl', effects: [] }],
  ['CREATE TABLE', { category: 'ddl', effects: [], touches: [] }],
  ['ALTER TABLE orders', { category: 'ddl', touches: [T] }],
  ["ALTER TABLE orders ADD COLUMN a text DEFAULT 'x", { category: 'ddl' }],
  ['DROP INDEX CONCURRENTLY', { category: 'ddl', transactional: false, effects: [] }],
  ['CREATE INDEX CONCURRENTLY', { category: 'ddl' }],
];

describe('classification on Postgres', () => {
  test.each(CASES)('%s', (sql, expected) => {
    expect(classificationText(sql, 'postgresql')).toMatchObject({
      transactional: true,
      control: null,
      temporary: false,
      refused: false,
      enumValue: null,
      ...expected,
    });
  });

  test('a concurrent index build says what to look at in the catalogue', () => {
    const index = { kind: 'index', schema: 's', name: 'i', table: { schema: 's', name: 'orders' } };
    const table = { kind: 'table', schema: 's', name: 'orders' };
    expect(
      classify(
        { sql: 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON s.orders (a)' },
        'postgresql',
      ).concurrent,
    ).toEqual({ verb: 'create index', index, table });
    expect(
      classify({ sql: 'CREATE INDEX CONCURRENTLY ON s.orders (a)' }, 'postgresql').concurrent,
    ).toEqual({ verb: 'create index', index: null, table });
    expect(classify({ sql: 'DROP INDEX CONCURRENTLY s.i' }, 'postgresql').concurrent).toEqual({
      verb: 'drop index',
      index: { kind: 'index', schema: 's', name: 'i' },
      table: null,
    });
    expect(
      classify({ sql: 'ALTER TABLE s.orders DETACH PARTITION p CONCURRENTLY' }, 'postgresql')
        .concurrent,
    ).toEqual({ verb: 'detach partition', index: null, table });
  });

  test('names longer than Postgres keeps are cut at 63 bytes, between characters', () => {
    const name = (sql: string): string | undefined =>
      classify({ sql }, 'postgresql').touches[0]?.name;
    expect(name(`CREATE TABLE ${'x'.repeat(70)} ()`)).toBe('x'.repeat(63));
    expect(name(`CREATE TABLE "${'é'.repeat(40)}" ()`)).toBe('é'.repeat(31));
  });

  test('the online form of an index build is CONCURRENTLY', () => {
    expect(classify({ sql: 'CREATE INDEX i ON t (a)' }, 'postgresql').onlineForm).toBe(
      'CREATE INDEX CONCURRENTLY',
    );
    expect(
      classify({ sql: 'CREATE INDEX CONCURRENTLY i ON t (a)' }, 'postgresql').onlineForm,
    ).toBeNull();
  });
});
