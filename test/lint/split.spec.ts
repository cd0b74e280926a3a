import { describe, expect, test } from '@jest/globals';
import { parseMigration } from '../../src/journal/parse-migration.js';
import { splitMigration, type SplitDraft } from '../../src/lint/split/split-migration.js';
import { lintSql } from './lint-sql.js';
import { migrationOf } from './lint-sql.js';

function split(sql: string, dialect: 'postgresql' | 'mysql'): SplitDraft {
  const migration = migrationOf(sql, 1);
  return splitMigration(
    { layout: 'journal', folder: 'drizzle', migrations: [migration], findings: [] },
    migration.tag,
    dialect,
  );
}

function body(text: string): readonly string[] {
  return text
    .split('\n')
    .slice(1)
    .filter((line) => line !== '' && !line.startsWith('-->'));
}

const BREAKING = `
CREATE TABLE "teams" ("id" serial PRIMARY KEY NOT NULL);
--> statement-breakpoint
ALTER TABLE "users" RENAME COLUMN "name" TO "full_name";--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "team" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ALTER COLUMN "email" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ALTER COLUMN "age" SET DATA TYPE bigint;--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "legacy";`;

describe('Postgres', () => {
  const draft = split(BREAKING, 'postgresql');

  test('what running builds live on with stands in expand, statements before the phases', () => {
    expect(body(draft.expand)).toEqual([
      'CREATE TABLE "teams" ("id" serial PRIMARY KEY NOT NULL);',
      'ALTER TABLE "users" ADD COLUMN "team" integer;',
      ...[
        'users-full_name',
        'users-team-not-null',
        'users-email-not-null',
        'users-age-type',
      ].flatMap((name) =>
        ['expand', 'backfill', 'verify'].map((phase) => `-- @operation ${name} ${phase}`),
      ),
    ]);
  });

  test('what only the new build lives on with stands in contract, each under its operation', () => {
    expect(body(draft.contract)).toEqual([
      'ALTER TABLE "users" DROP COLUMN "legacy";',
      '-- @operation users-full_name contract',
      'ALTER TABLE "users" RENAME COLUMN "name" TO "full_name";',
      '-- @operation users-team-not-null contract',
      'ALTER TABLE "users" ALTER COLUMN "team" SET NOT NULL;',
      '-- @operation users-email-not-null contract',
      'ALTER TABLE "users" ALTER COLUMN "email" SET NOT NULL;',
      '-- @operation users-age-type contract',
      'ALTER TABLE "users" ALTER COLUMN "age" SET DATA TYPE bigint;',
    ]);
  });

  test('the operations to register', () => {
    expect(draft.operations).toEqual([
      "renameColumn('users-full_name', { table: 'users', from: 'name', to: 'full_name' })",
      "tightenNotNull('users-team-not-null', { table: 'users', column: 'team' })",
      "tightenNotNull('users-email-not-null', { table: 'users', column: 'email' })",
      "changeColumnType('users-age-type', { table: 'users', column: 'age', to: 'bigint' })",
    ]);
  });

  test('both drafts parse, expand is an expand, and nothing in them stops lint', () => {
    const impact = parseMigration(migrationOf(draft.expand, 1), {
      dialect: 'postgresql',
      operations: null,
    }).impact;
    expect(impact).toBe('expand');
    for (const text of [draft.expand, draft.contract]) {
      const stopping = lintSql([text], { dialect: 'postgresql' }).filter(
        ({ tier }) => tier !== 'warning',
      );
      expect(stopping).toEqual([]);
    }
  });

  test('several actions of one ALTER TABLE go their own ways', () => {
    const { expand, contract } = split(
      'ALTER TABLE t ADD COLUMN a int, DROP COLUMN b, ALTER COLUMN c SET NOT NULL',
      'postgresql',
    );
    expect(body(expand)[0]).toBe('ALTER TABLE t ADD COLUMN a int;');
    expect(body(contract)).toEqual([
      'ALTER TABLE t DROP COLUMN b;',
      '-- @operation t-c-not-null contract',
      'ALTER TABLE t ALTER COLUMN c SET NOT NULL;',
    ]);
  });

  test('views that are dropped and made again stay together', () => {
    const { expand } = split(
      'DROP VIEW v;\nCREATE VIEW v AS SELECT 1 AS one;\nALTER TABLE t DROP COLUMN b;',
      'postgresql',
    );
    expect(body(expand)).toEqual(['DROP VIEW v;', 'CREATE VIEW v AS SELECT 1 AS one;']);
  });

  test('what cannot be split is said', () => {
    const review = (sql: string): string => split(sql, 'postgresql').review.join('\n');
    expect(review('ALTER TABLE a ADD COLUMN b int;\nALTER TABLE t RENAME TO u;')).toContain(
      'table t',
    );
    expect(review('ALTER TABLE t DROP COLUMN a;\nALTER TABLE t ADD COLUMN a text;')).toContain(
      'column t.a goes and comes back',
    );
    expect(review('ALTER TABLE t DROP COLUMN a;\nUPDATE t SET b = 1;')).toContain(
      'Statement 2 (UPDATE)',
    );
  });

  test.each([
    ['CREATE TABLE t (id int)', 'expand'],
    ['DROP TABLE t', 'contract'],
  ])('%s is %s already', (sql) => {
    expect(() => split(sql, 'postgresql')).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('MySQL', () => {
  test('a rename, a NOT NULL by MODIFY and a new column', () => {
    const draft = split(
      'ALTER TABLE `users` RENAME COLUMN `name` TO `fullName`;\nALTER TABLE `users` MODIFY COLUMN `email` varchar(200) NOT NULL;\nALTER TABLE `users` ADD `team` int NOT NULL;',
      'mysql',
    );
    expect(body(draft.expand)[0]).toBe('ALTER TABLE `users` ADD `team` int;');
    expect(body(draft.contract)).toEqual([
      '-- @operation users-fullName contract',
      'ALTER TABLE `users` RENAME COLUMN `name` TO `fullName`;',
      '-- @operation users-email-not-null contract',
      'ALTER TABLE `users` MODIFY COLUMN `email` varchar(200) NOT NULL;',
      '-- @operation users-team-not-null contract',
      'ALTER TABLE `users` MODIFY COLUMN `team` int NOT NULL;',
    ]);
    expect(draft.review.join('\n')).toContain('MODIFY of users.email is taken for a NOT NULL');
  });

  test('a file of phases alone holds a statement, because stock sends it as it is', () => {
    const { expand } = split('ALTER TABLE users RENAME COLUMN name TO fullName', 'mysql');
    expect(body(expand)[0]).toBe('SELECT 1;');
  });
});
