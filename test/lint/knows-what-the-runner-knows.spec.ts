import { describe, expect, test } from '@jest/globals';
import { parseMigration } from '../../src/journal/parse-migration.js';
import { lintMigrations } from '../../src/lint/lint-migrations.js';
import { lintSql, migrationOf, rulesOf } from './lint-sql.js';

const postgres = (...files: readonly string[]): readonly string[] =>
  rulesOf(lintSql(files, { dialect: 'postgresql' }));
const mysql = (...files: readonly string[]): readonly string[] =>
  rulesOf(lintSql(files, { dialect: 'mysql' }));

describe('tables that the range creates are empty', () => {
  const table = 'CREATE TABLE t (id int, a int);';
  const work = [
    'CREATE INDEX i ON t (a);',
    'ALTER TABLE "public"."t" ALTER COLUMN a SET NOT NULL;',
    'ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES old(id);',
    'ALTER TABLE t RENAME COLUMN a TO b;',
    'ALTER TABLE t ALTER COLUMN b SET DATA TYPE bigint;',
    'UPDATE t SET b = 1;',
    'DROP TABLE t CASCADE;',
  ].join('\n');

  test('in the same file', () => {
    expect(postgres(`${table}\n${work}`)).toEqual([]);
  });

  test('in an earlier file of the range', () => {
    expect(postgres(table, `-- @transaction off\n${work}`)).toEqual([]);
    expect(
      mysql(table, 'ALTER TABLE t ADD b int NOT NULL;\nCREATE FULLTEXT INDEX i ON t (a);'),
    ).toEqual([]);
  });

  test('in a file before the range they are not', () => {
    expect(postgres('CREATE INDEX i ON t (a);')).toEqual(['create-index']);
  });

  test('a new column of an old table still has a row for each of its rows', () => {
    expect(
      postgres('ALTER TABLE t ADD COLUMN n int;', 'ALTER TABLE t ALTER COLUMN n SET NOT NULL;'),
    ).toEqual(['expand-and-contract', 'set-not-null']);
  });

  test('a new column of an old table may get another name: no older build asks for it', () => {
    expect(
      postgres('ALTER TABLE t ADD COLUMN n int;', 'ALTER TABLE t RENAME COLUMN n TO m;'),
    ).toEqual([]);
  });
});

describe('what is proven already', () => {
  const check = 'ALTER TABLE t ADD CONSTRAINT c CHECK ("a" IS NOT NULL) NOT VALID;';
  const validate = 'ALTER TABLE t VALIDATE CONSTRAINT c;';
  const promote = 'ALTER TABLE t ALTER COLUMN a SET NOT NULL;\nALTER TABLE t DROP CONSTRAINT c;';

  test('NOT NULL by hand, by the safe recipe in three files', () => {
    expect(postgres(check, validate, promote)).toEqual([]);
  });

  test('not where the check is validated in the transaction of SET NOT NULL', () => {
    expect(postgres(check, `${validate}\n${promote}`)).toContain('set-not-null');
  });

  test('not by a check of something else', () => {
    const other = check.replace('"a" IS NOT NULL', 'a > 0');
    expect(postgres(other, validate, promote)).toEqual(['set-not-null']);
  });
});

describe('lines that choose the safe form', () => {
  test('@online settles what has an online form', () => {
    expect(
      postgres(
        '-- @online\nCREATE INDEX i ON t (a);\nALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);\nALTER TABLE t ADD CONSTRAINT u UNIQUE (a);',
      ),
    ).toEqual([]);
    expect(mysql('-- @online\nALTER TABLE t MODIFY COLUMN a bigint;')).toEqual([]);
  });

  test('@online settles nothing that has none, and nothing that breaks other builds', () => {
    expect(postgres('-- @online\nALTER TABLE t ADD COLUMN a int UNIQUE;')).toEqual([
      'add-column-constraint',
    ]);
    expect(postgres('-- @online\nALTER TABLE t RENAME COLUMN a TO b;')).toEqual(['rename-column']);
    expect(mysql('-- @online\nALTER TABLE t CHANGE a b int;')).toEqual(['rename-column']);
  });

  test('@online covers what is below it, not what is above', () => {
    expect(postgres('CREATE INDEX i ON t (a);\n-- @online\nCREATE INDEX j ON t (b);')).toEqual([
      'create-index',
    ]);
  });

  test('@operation stands for what it covers', () => {
    expect(
      postgres('-- @operation users-name contract\nALTER TABLE t RENAME COLUMN a TO b;'),
    ).toEqual([]);
    expect(
      postgres(
        'CREATE INDEX i ON t (a);\n-- @operation o contract\nALTER TABLE t ALTER COLUMN a SET NOT NULL;',
      ),
    ).toEqual(['create-index']);
  });
});

describe('@allow', () => {
  test('waives a rule for the file, with its reason', () => {
    const [finding] = lintSql(['-- @allow create-index: twelve rows\nCREATE INDEX i ON t (a);'], {
      dialect: 'postgresql',
    });
    expect(finding).toMatchObject({
      rule: 'create-index',
      tier: 'allow',
      line: 2,
      statement: 1,
      allowed: { reason: 'twelve rows', line: 1 },
    });
  });

  test('does not waive an error', () => {
    const sql =
      '-- @allow add-column-not-null: it is empty\nALTER TABLE t ADD COLUMN a int NOT NULL;';
    const [finding] = lintSql([sql], { dialect: 'postgresql' });
    expect(finding).toMatchObject({ rule: 'add-column-not-null', tier: 'error', allowed: null });
  });

  test('that waives nothing is a warning', () => {
    expect(postgres('-- @allow create-index: gone\nSELECT 1;')).toEqual(['unused-allow']);
  });

  test('for a rule that there is none of is a warning that names the nearest', () => {
    const [first] = lintSql(['-- @allow create-indx: few rows\nSELECT 1;'], {
      dialect: 'postgresql',
    });
    expect(first).toMatchObject({ rule: 'unknown-rule', line: 1 });
    expect(first?.message).toContain('create-index');
  });
});

test('a file without a way back is a warning, and @irreversible is an answer', () => {
  const found = (sql: string): readonly string[] => {
    const parsed = parseMigration(migrationOf(sql, 1, false), { dialect: 'postgresql' });
    return rulesOf(
      lintMigrations([parsed], { dialect: 'postgresql', server: null }).flatMap(
        ({ findings }) => findings,
      ),
    );
  };
  expect(found('CREATE TABLE t (id int);')).toEqual(['no-way-back']);
  expect(found('-- @irreversible rows are gone\nCREATE TABLE t (id int);')).toEqual([]);
  expect(found('-- nothing')).toEqual([]);
});

test('messages repeat no literal and no expression', () => {
  const sql = [
    "ALTER TABLE t ADD CONSTRAINT c CHECK (a <> 'hunter2');",
    "ALTER TABLE t ADD COLUMN b text DEFAULT md5('hunter2') NOT NULL;",
    "UPDATE t SET a = 'hunter2';",
    "DO $$ begin perform 'hunter2'; end $$;",
  ].join('\n');
  const found = lintSql([sql], { dialect: 'postgresql' });
  expect(found.length).toBeGreaterThan(3);
  for (const { message } of found) expect(message).not.toContain('hunter2');
});
