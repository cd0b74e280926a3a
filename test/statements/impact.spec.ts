import { impactOf } from '../../src/statements/impact.js';
import { readStatements } from '../../src/statements/read-statements.js';
import type { Dialect, Impact } from '../../src/statements/statement.js';

function impact(text: string, dialect: Dialect, ...earlier: readonly string[]): Impact {
  let created: ReadonlySet<string> = new Set();
  for (const file of earlier)
    ({ created } = impactOf(readStatements(file, dialect).statements, created));
  return impactOf(readStatements(text, dialect).statements, created).impact;
}

const POSTGRES: readonly (readonly [Impact, sql: string])[] = [
  // Additions and relaxations
  ['expand', ''],
  ['expand', 'SELECT 1; INSERT INTO a VALUES (1); DO $$ BEGIN END $$; SET x = 1'],
  ['expand', 'CREATE TABLE a (id int NOT NULL)'],
  ['expand', "CREATE TYPE t AS ENUM ('a')"],
  ['expand', "ALTER TYPE t ADD VALUE 'b'"],
  ['expand', 'CREATE INDEX i ON a (b)'],
  ['expand', 'CREATE UNIQUE INDEX i ON a (b)'],
  ['expand', 'ALTER TABLE a ADD COLUMN b text'],
  ['expand', "ALTER TABLE a ADD COLUMN b text DEFAULT '' NOT NULL"],
  ['expand', 'ALTER TABLE a ADD COLUMN b serial NOT NULL'],
  ['expand', 'ALTER TABLE a ADD COLUMN b int GENERATED ALWAYS AS IDENTITY NOT NULL'],
  ['expand', 'ALTER TABLE a ADD CONSTRAINT c UNIQUE (b)'],
  ['expand', 'ALTER TABLE a ADD CONSTRAINT c CHECK (b > 0)'],
  ['expand', 'ALTER TABLE a ADD CONSTRAINT c FOREIGN KEY (b) REFERENCES d (id)'],
  ['expand', 'ALTER TABLE a DROP CONSTRAINT c'],
  ['expand', 'DROP INDEX i'],
  ['expand', 'ALTER TABLE a ALTER COLUMN b DROP NOT NULL'],
  ['expand', 'ALTER TABLE a ALTER COLUMN b SET DEFAULT 1'],
  ['expand', 'CREATE OR REPLACE FUNCTION f() RETURNS int AS $$ SELECT 1 $$ LANGUAGE sql'],
  ['expand', 'DROP TRIGGER t ON a'],
  ['expand', 'ALTER INDEX i RENAME TO j'],
  ['expand', 'CREATE TEMP TABLE t (a int); DROP TABLE t'],
  // Removals and tightenings
  ['contract', 'DROP TABLE a'],
  ['contract', 'ALTER TABLE a DROP COLUMN b'],
  ['contract', 'DROP TYPE t'],
  ['contract', 'DROP VIEW v'],
  ['contract', 'DROP MATERIALIZED VIEW v'],
  ['contract', 'DROP SCHEMA s CASCADE'],
  ['contract', 'DROP FUNCTION f()'],
  ['contract', 'ALTER TABLE a ALTER COLUMN b SET NOT NULL'],
  ['contract', 'ALTER TABLE a ALTER COLUMN b DROP DEFAULT'],
  ['contract', 'ALTER TABLE a DROP CONSTRAINT c; DROP INDEX i; ALTER TABLE a DROP COLUMN b'],
  ['contract', 'ALTER TABLE a DROP COLUMN b; UPDATE a SET c = 1'],
  // Both
  ['breaking', 'ALTER TABLE a RENAME COLUMN b TO c'],
  ['breaking', 'ALTER TABLE a RENAME TO b'],
  ['breaking', 'ALTER TYPE t RENAME TO u'],
  ['breaking', 'ALTER TABLE a ADD COLUMN b text NOT NULL'],
  ['breaking', 'ALTER TABLE a ALTER COLUMN b SET DATA TYPE int'],
  ['breaking', 'ALTER TABLE a ADD COLUMN c int; ALTER TABLE a DROP COLUMN b'],
  ['breaking', 'CREATE TABLE b (id int); DROP TABLE a'],
  ['breaking', 'CREATE TABLE b (id int); ALTER TABLE a ALTER COLUMN b SET NOT NULL'],
  ['breaking', 'ALTER TABLE a ALTER COLUMN b DROP NOT NULL; ALTER TABLE a DROP COLUMN c'],
  ['breaking', 'ALTER TABLE a ADD COLUMN b int, DROP COLUMN c'],
  // Created in this file
  [
    'expand',
    'CREATE TABLE a (b int); ALTER TABLE a ALTER COLUMN b SET NOT NULL; ALTER TABLE a ADD COLUMN c int NOT NULL; ALTER TABLE a RENAME COLUMN c TO d; ALTER TABLE a DROP COLUMN d',
  ],
  ['expand', 'CREATE TABLE "a" (b int); ALTER TABLE "public"."a" RENAME COLUMN b TO c'],
  ['expand', 'CREATE TABLE a (b int); ALTER TABLE a RENAME TO c; ALTER TABLE c DROP COLUMN b'],
  ['expand', 'CREATE SCHEMA s; CREATE TABLE s.a (b int); DROP TABLE s.a'],
  [
    'expand',
    'ALTER TABLE a ADD COLUMN b int; ALTER TABLE a RENAME COLUMN b TO c; ALTER TABLE a ALTER COLUMN b TYPE text',
  ],
  // Old writers leave the new column out
  [
    'breaking',
    'ALTER TABLE a ADD COLUMN b int; UPDATE a SET b = 1; ALTER TABLE a ALTER COLUMN b SET NOT NULL',
  ],
  [
    'breaking',
    'ALTER TABLE a ADD COLUMN b int DEFAULT 1 NOT NULL; ALTER TABLE a ALTER COLUMN b DROP DEFAULT',
  ],
  // Dropped and created again
  ['expand', 'DROP POLICY p ON a; CREATE POLICY p ON a USING (true)'],
  ['expand', 'DROP VIEW v; CREATE VIEW v AS SELECT 1'],
  ['expand', 'DROP VIEW v; ALTER TABLE a ADD COLUMN b int; CREATE VIEW v AS SELECT 1'],
  ['contract', 'DROP VIEW v; ALTER TABLE a DROP COLUMN b; CREATE VIEW v AS SELECT 1'],
  ['expand', 'DROP FUNCTION f(); CREATE FUNCTION f() RETURNS int AS $$ SELECT 1 $$ LANGUAGE sql'],
  ['breaking', 'DROP TABLE a; CREATE TABLE a (id int)'],
  ['breaking', 'ALTER TABLE a DROP COLUMN b; ALTER TABLE a ADD COLUMN b int'],
  [
    'expand',
    'ALTER TABLE a ALTER COLUMN b DROP DEFAULT; ALTER TABLE a ALTER COLUMN b SET DEFAULT 2',
  ],
];

const MYSQL: readonly (readonly [Impact, sql: string])[] = [
  ['expand', 'CREATE TABLE a (id int)'],
  ['expand', 'ALTER TABLE `a` ADD `b` varchar(20)'],
  ['expand', 'ALTER TABLE a ADD UNIQUE INDEX u (b)'],
  ['expand', 'DROP INDEX i ON a'],
  ['expand', 'ALTER TABLE a DROP FOREIGN KEY f'],
  ['contract', 'ALTER TABLE a DROP COLUMN b'],
  ['contract', 'DROP TABLE a, b'],
  ['breaking', 'ALTER TABLE a ADD b int NOT NULL'],
  ['breaking', 'ALTER TABLE a MODIFY COLUMN b int NOT NULL'],
  ['breaking', 'ALTER TABLE a CHANGE b c int'],
  ['breaking', 'RENAME TABLE a TO b'],
  ['breaking', 'ALTER TABLE a ADD c int, DROP b'],
  ['expand', 'DROP TRIGGER t; CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.b = 1'],
  ['expand', 'CREATE TABLE a (id int); ALTER TABLE a MODIFY COLUMN id bigint'],
];

describe('impact', () => {
  test.each(POSTGRES)('Postgres, %s: %s', (expected, sql) => {
    expect(impact(sql, 'postgresql')).toBe(expected);
  });
  test.each(MYSQL)('MySQL, %s: %s', (expected, sql) => {
    expect(impact(sql, 'mysql')).toBe(expected);
  });

  test('objects of earlier pending files are unknown to every older build', () => {
    expect(impact('ALTER TABLE a DROP COLUMN b', 'postgresql', 'CREATE TABLE a (b int)')).toBe(
      'expand',
    );
    expect(impact('DROP TABLE a', 'postgresql', 'CREATE TABLE a (b int)', 'SELECT 1')).toBe(
      'expand',
    );
    expect(
      impact('ALTER TABLE a DROP COLUMN b', 'postgresql', 'ALTER TABLE a ADD COLUMN b int'),
    ).toBe('expand');
    expect(
      impact(
        'ALTER TABLE a ALTER COLUMN b SET NOT NULL',
        'postgresql',
        'ALTER TABLE a ADD COLUMN b int',
      ),
    ).toBe('breaking');
  });

  test('an object that an earlier pending file dropped again is as it was', () => {
    expect(impact('DROP TABLE a', 'postgresql', 'CREATE TABLE a (b int); DROP TABLE a')).toBe(
      'contract',
    );
  });

  test('the caller keeps its set', () => {
    const created = new Set<string>();
    impactOf(readStatements('CREATE TABLE a ()', 'postgresql').statements, created);
    expect(created.size).toBe(0);
  });
});
