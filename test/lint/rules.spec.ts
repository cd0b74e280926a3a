import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { ALLOW_RULES, RULES } from '../../src/lint/rules.js';
import { lintSql, rulesOf } from './lint-sql.js';

type Case = readonly [sql: string, rules: readonly string[]];

const POSTGRES: readonly Case[] = [
  // Columns
  ['ALTER TABLE "users" ADD COLUMN "a" text NOT NULL;', ['add-column-not-null']],
  ['ALTER TABLE t ADD COLUMN id int PRIMARY KEY', ['add-column-not-null', 'add-column-constraint']],
  ['ALTER TABLE t ADD COLUMN a text', []],
  ["ALTER TABLE t ADD COLUMN a text DEFAULT 'x' NOT NULL", []],
  ['ALTER TABLE t ADD COLUMN a timestamptz DEFAULT now() NOT NULL', []],
  ['ALTER TABLE t ADD COLUMN a uuid DEFAULT gen_random_uuid() NOT NULL', ['add-column-rewrite']],
  ['ALTER TABLE t ADD COLUMN a serial NOT NULL', ['add-column-rewrite']],
  ['ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS IDENTITY', ['add-column-rewrite']],
  ['ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS (b + 1) STORED', ['add-column-rewrite']],
  ['ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS (b + 1) VIRTUAL', []],
  ['ALTER TABLE t ADD COLUMN a int UNIQUE', ['add-column-constraint']],
  ['ALTER TABLE t ADD COLUMN a int CHECK (a > 0)', ['add-column-constraint']],
  ['ALTER TABLE t ADD COLUMN a int REFERENCES u', []],
  ['ALTER TABLE t ADD COLUMN a int DEFAULT 1 REFERENCES u', ['add-column-constraint']],
  ['ALTER TABLE t ALTER COLUMN a SET NOT NULL', ['set-not-null']],
  ['ALTER TABLE t ALTER COLUMN a DROP NOT NULL', []],
  ['ALTER TABLE t ALTER COLUMN a SET DATA TYPE bigint', ['change-type']],
  ['ALTER TABLE t ALTER COLUMN a SET DEFAULT 1', []],
  // Constraints
  ['ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)', ['add-check']],
  ['ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID', []],
  ['ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u(id)', ['add-foreign-key']],
  ['ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u(id) NOT VALID', []],
  ['ALTER TABLE t ADD CONSTRAINT u UNIQUE (a)', ['add-unique']],
  ['ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i', []],
  ['ALTER TABLE t ADD CONSTRAINT e EXCLUDE USING gist (r WITH &&)', ['add-unique']],
  ['ALTER TABLE t ADD PRIMARY KEY (id)', ['add-primary-key']],
  ['ALTER TABLE t DROP CONSTRAINT c', []],
  [
    'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;\nALTER TABLE t VALIDATE CONSTRAINT c;',
    ['validate-in-same-transaction'],
  ],
  [
    '-- @transaction off\nALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;\nALTER TABLE t VALIDATE CONSTRAINT c;',
    [],
  ],
  // Indexes
  ['CREATE INDEX "i" ON "t" USING btree ("a")', ['create-index']],
  ['CREATE UNIQUE INDEX i ON t (a)', ['create-index']],
  ['CREATE INDEX CONCURRENTLY i ON t (a)', []],
  ['DROP INDEX i', ['drop-index']],
  ['DROP INDEX CONCURRENTLY i', []],
  ['REINDEX TABLE t', ['blocking-work']],
  ['REINDEX TABLE CONCURRENTLY t', []],
  // Builds that do not know it
  ['ALTER TABLE "t" RENAME COLUMN "a" TO "b";', ['rename-column']],
  ['ALTER TABLE t RENAME TO u', ['rename-object']],
  ['ALTER TYPE mood RENAME TO feeling', ['rename-object']],
  ["ALTER TYPE mood RENAME VALUE 'a' TO 'b'", ['rename-object']],
  ['ALTER TABLE t RENAME CONSTRAINT a TO b', []],
  ['ALTER TABLE t DROP COLUMN a', ['drop-in-use']],
  ['DROP TABLE t', ['drop-in-use']],
  ['DROP TABLE "t" CASCADE;', ['drop-in-use', 'drop-cascade']],
  ['ALTER TABLE t DROP COLUMN a CASCADE', ['drop-in-use', 'drop-cascade']],
  ['ALTER TABLE t DROP CONSTRAINT c CASCADE', ['drop-cascade']],
  ['DROP VIEW v;\nCREATE VIEW v AS SELECT 1 AS one;', []],
  [
    'ALTER TABLE t ADD COLUMN a int;\nALTER TABLE t DROP COLUMN b;',
    ['expand-and-contract', 'drop-in-use'],
  ],
  [
    '-- @impact contract\nALTER TABLE t ADD COLUMN a int;\nALTER TABLE t DROP COLUMN b;',
    ['drop-in-use'],
  ],
  ["ALTER TYPE mood ADD VALUE 'ok'", []],
  // Locks
  ['LOCK TABLE t', ['lock-table']],
  ['LOCK TABLE t IN ROW EXCLUSIVE MODE', []],
  ['TRUNCATE t', ['lock-table']],
  ['ALTER TABLE p DETACH PARTITION q', ['lock-table']],
  ['ALTER TABLE p DETACH PARTITION q CONCURRENTLY', []],
  ['ALTER TABLE p ATTACH PARTITION q FOR VALUES IN (1)', ['blocking-work']],
  ['VACUUM FULL t', ['blocking-work']],
  ['VACUUM t', []],
  ['CLUSTER t', ['blocking-work']],
  ['REFRESH MATERIALIZED VIEW v', ['blocking-work']],
  ['ALTER TABLE t SET LOGGED', ['blocking-work']],
  ["SET lock_timeout = '1h'", ['timeout-changed']],
  ['SET search_path = app', []],
  [
    'ALTER TABLE t ADD COLUMN a int;\nUPDATE u SET a = 1;',
    ['rows-in-migration', 'lock-held-during-work'],
  ],
  ['ALTER TABLE t ADD COLUMN a int;\nINSERT INTO u VALUES (1);', []],
  ['ALTER TABLE t ADD COLUMN a int;\nALTER TABLE u ADD COLUMN a int;', ['lock-held-while-waiting']],
  ['-- @transaction off\nALTER TABLE t ADD COLUMN a int;\nALTER TABLE u ADD COLUMN a int;', []],
  // Rows and code
  ['UPDATE t SET a = 1', ['rows-in-migration']],
  ['DELETE FROM t', ['rows-in-migration']],
  ['INSERT INTO t VALUES (1)', []],
  ['DO $$ begin perform 1; end $$', ['opaque-code']],
  ['SELECT 1', []],
];

const MYSQL: readonly Case[] = [
  ['ALTER TABLE `t` ADD `a` int NOT NULL;', ['add-column-not-null']],
  ['ALTER TABLE t ADD a int DEFAULT 1 NOT NULL', []],
  ['ALTER TABLE t ADD a int', []],
  ['ALTER TABLE t ADD a varchar(36) DEFAULT (uuid())', ['add-column-rewrite']],
  ['ALTER TABLE t ADD a int GENERATED ALWAYS AS (b + 1) STORED', ['add-column-rewrite']],
  ['ALTER TABLE t ADD a int GENERATED ALWAYS AS (b + 1) VIRTUAL', []],
  [
    'ALTER TABLE t ADD a int NOT NULL AUTO_INCREMENT UNIQUE',
    ['add-column-rewrite', 'add-column-constraint'],
  ],
  ['ALTER TABLE t ADD a int CHECK (a > 0)', ['add-column-constraint']],
  ['ALTER TABLE t MODIFY COLUMN a bigint', ['change-type']],
  ['ALTER TABLE t CHANGE a b int', ['change-type', 'rename-column']],
  ['ALTER TABLE t RENAME COLUMN a TO b', ['rename-column']],
  ['ALTER TABLE t RENAME TO u', ['rename-object']],
  ['RENAME TABLE t TO u', ['rename-object']],
  ['ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)', ['add-check']],
  ['ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u(id)', ['add-foreign-key']],
  ['ALTER TABLE t ADD CONSTRAINT `t_a_unique` UNIQUE(`a`)', ['algorithm-not-asserted']],
  ['ALTER TABLE t ADD CONSTRAINT u UNIQUE(a), ALGORITHM=INPLACE, LOCK=NONE', []],
  ['ALTER TABLE t ADD PRIMARY KEY (id)', ['add-primary-key']],
  ['ALTER TABLE t DROP PRIMARY KEY', ['drop-primary-key']],
  ['ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id), ALGORITHM=INPLACE, LOCK=NONE', []],
  ['CREATE INDEX i ON t (a)', ['algorithm-not-asserted']],
  ['CREATE FULLTEXT INDEX i ON t (a)', ['create-index']],
  ['DROP INDEX i ON t', []],
  ['ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4', ['blocking-work']],
  ['ALTER TABLE t ENGINE = InnoDB', ['blocking-work']],
  ['TRUNCATE TABLE t', ['lock-table']],
  ['ALTER TABLE t DROP COLUMN a', ['drop-in-use']],
  ['DROP TABLE t', ['drop-in-use']],
  ['UPDATE t SET a = 1', ['rows-in-migration']],
  ['CALL tidy()', ['opaque-code']],
  ['SET SESSION lock_wait_timeout = 3600', ['timeout-changed']],
];

describe('Postgres', () => {
  test.each(POSTGRES)('%s', (sql, rules) => {
    expect(rulesOf(lintSql([sql], { dialect: 'postgresql' }))).toEqual(rules);
  });
});

describe('MySQL and MariaDB', () => {
  test.each(MYSQL)('%s', (sql, rules) => {
    expect(rulesOf(lintSql([sql], { dialect: 'mysql' }))).toEqual(rules);
  });

  test('LOCK beside INSTANT is refused by MySQL and taken by MariaDB', () => {
    const sql = 'ALTER TABLE t ADD a int, ALGORITHM=INSTANT, LOCK=NONE';
    const on = (flavour: 'mysql' | 'mariadb'): readonly string[] =>
      rulesOf(lintSql([sql], { dialect: 'mysql', server: { flavour, versionNumber: 101119 } }));
    expect(on('mysql')).toEqual(['instant-with-lock']);
    expect(on('mariadb')).toEqual([]);
  });
});

test('every rule is tripped by a case, or by a spec of its own', () => {
  const tripped = new Set([...POSTGRES, ...MYSQL].flatMap(([, rules]) => rules));
  const elsewhere = ['instant-with-lock', 'no-way-back'];
  const untried = RULES.map(({ id }) => id).filter((id) => !tripped.has(id));
  expect(untried.toSorted()).toEqual(elsewhere);
});

test('docs/lint.md has every rule with its tier', () => {
  const page = readFileSync(new URL('../../docs/lint.md', import.meta.url), 'utf8');
  for (const { id, tier } of [...RULES, ...ALLOW_RULES])
    expect(page).toMatch(new RegExp(String.raw`^\| .${id}. +\| ${tier} +\|`, 'm'));
});

test('names of rules are unique and may stand in an @allow line', () => {
  const ids = [...RULES, ...ALLOW_RULES].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z][a-z-]+$/);
});

describe('the safe way', () => {
  const withOnline = [
    ...POSTGRES.map(([sql]) => ({ sql, dialect: 'postgresql' as const })),
    ...MYSQL.map(([sql]) => ({ sql, dialect: 'mysql' as const })),
  ].flatMap(({ sql, dialect }) =>
    lintSql([sql], { dialect }).flatMap(({ safeWay, rule }) =>
      safeWay?.startsWith('-- @online') === true && !safeWay.includes('-- where')
        ? [{ dialect, rule, safeWay }]
        : [],
    ),
  );

  test.each(withOnline)(
    '$dialect: what $rule says to paste passes ($safeWay)',
    ({ safeWay, dialect, rule }) => {
      expect(rulesOf(lintSql([safeWay], { dialect }))).not.toContain(rule);
    },
  );

  test('there are such', () => {
    expect(withOnline.length).toBeGreaterThan(8);
  });

  test('several actions become a statement each', () => {
    const sql = 'ALTER TABLE t ALTER COLUMN a SET NOT NULL, ADD CONSTRAINT c CHECK (a > 0)';
    const found = lintSql([sql], { dialect: 'postgresql' });
    expect(found.find(({ rule }) => rule === 'set-not-null')?.safeWay).toBe(
      '-- @online\nALTER TABLE t ALTER COLUMN a SET NOT NULL;\n--> statement-breakpoint\nALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);',
    );
  });

  test('of a rename is the operation, with the statement in its contract', () => {
    const sql = '-- so\nALTER TABLE "app"."users" RENAME COLUMN "name" TO "fullName";';
    const [finding] = lintSql([sql], { dialect: 'postgresql' });
    expect(finding?.safeWay?.split('\n')).toEqual([
      "-- registered in the option operations: renameColumn('users-fullName', { table: 'app.users', from: 'name', to: 'fullName' })",
      '-- @operation users-fullName expand',
      '-- @operation users-fullName backfill',
      '-- @operation users-fullName verify',
      '-- in a migration of the next release:',
      '-- @operation users-fullName contract',
      'ALTER TABLE "app"."users" RENAME COLUMN "name" TO "fullName";',
    ]);
  });
});
