import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { lintSql, rulesOf } from '../lint/lint-sql.js';

/** squawk's rules that are not ours to repeat, each with the reason. */
const NOT_OURS: Readonly<Record<string, string>> = {
  'require-lock-timeout': 'the runner sets it before every statement',
  'require-timeout-settings': 'the runner sets them before every statement',
  'require-statement-timeout':
    'a time-out of a validation or a build would only make it start again; the ladder watches locks',
  'prefer-robust-stmts':
    'the runner knows which statements are done; IF NOT EXISTS hides an invalid index',
  'prefer-bigint-over-int': 'taste, and schema.ts is where it is decided',
  'prefer-bigint-over-smallint': 'taste, and schema.ts is where it is decided',
  'prefer-identity': 'taste, and schema.ts is where it is decided',
  'prefer-text-field': 'taste, and schema.ts is where it is decided',
  'prefer-timestamp-tz': 'taste, and schema.ts is where it is decided',
  'ban-char-field': 'taste, and schema.ts is where it is decided',
  'require-table-schema': 'Drizzle Kit writes the schema where schema.ts has one',
  'ban-drop-not-null': 'old builds live on with it, and the new one is the one that asked for it',
};

/** For each of squawk's rules, which of ours say the same. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  'adding-required-field': ['add-column-not-null', 'add-column-rewrite'],
  'adding-not-nullable-field': ['set-not-null', 'add-column-not-null'],
  'adding-field-with-default': ['add-column-rewrite'],
  'adding-foreign-key-constraint': ['add-foreign-key'],
  'adding-serial-primary-key-field': ['add-primary-key', 'add-column-rewrite'],
  'changing-column-type': ['change-type'],
  'constraint-missing-not-valid': [
    'add-check',
    'add-foreign-key',
    'validate-in-same-transaction',
    'add-unique',
    'add-primary-key',
  ],
  'disallowed-unique-constraint': ['add-unique', 'add-column-constraint'],
  'ban-drop-column': ['drop-in-use'],
  'ban-drop-table': ['drop-in-use'],
  'ban-drop-database': ['drop-in-use'],
  'ban-truncate-cascade': ['lock-table'],
  'ban-truncate': ['lock-table'],
  'renaming-column': ['rename-column'],
  'renaming-table': ['rename-object'],
  'require-concurrent-index-creation': ['create-index'],
  'require-concurrent-index-deletion': ['drop-index'],
  'require-concurrent-reindex': ['blocking-work'],
  'require-concurrent-detach-partition': ['lock-table'],
  'require-concurrent-partition-detach': ['lock-table'],
  'require-concurrent-refresh-materialized-view': ['blocking-work'],
};

const SAMPLES = [
  'ALTER TABLE "users" ADD COLUMN "a" text NOT NULL;',
  'ALTER TABLE "users" ADD COLUMN "a" uuid DEFAULT gen_random_uuid();',
  'ALTER TABLE "users" ADD COLUMN "a" int GENERATED ALWAYS AS (1) STORED;',
  'ALTER TABLE "users" ALTER COLUMN "a" SET NOT NULL;',
  'ALTER TABLE "users" ALTER COLUMN "a" DROP NOT NULL;',
  'ALTER TABLE "users" ALTER COLUMN "a" SET DATA TYPE bigint;',
  'ALTER TABLE "users" ADD CONSTRAINT "c" CHECK ("a" > 0);',
  'ALTER TABLE "users" ADD CONSTRAINT "f" FOREIGN KEY ("a") REFERENCES "public"."teams"("id");',
  'ALTER TABLE "users" ADD CONSTRAINT "u" UNIQUE("a");',
  'ALTER TABLE "users" ADD COLUMN "a" int UNIQUE;',
  'ALTER TABLE "users" ADD PRIMARY KEY ("id");',
  'ALTER TABLE "users" ADD COLUMN "id" serial PRIMARY KEY NOT NULL;',
  'ALTER TABLE "users" RENAME COLUMN "a" TO "b";',
  'ALTER TABLE "users" RENAME TO "people";',
  'ALTER TABLE "users" DROP COLUMN "a";',
  'DROP TABLE "users" CASCADE;',
  'TRUNCATE users CASCADE;',
  'CREATE INDEX "i" ON "users" USING btree ("a");',
  'CREATE UNIQUE INDEX "i" ON "users" USING btree ("a");',
  'DROP INDEX "i";',
  'REINDEX TABLE users;',
  'ALTER TABLE parts DETACH PARTITION part;',
  'REFRESH MATERIALIZED VIEW totals;',
  'ALTER TABLE "users" ADD CONSTRAINT "c" CHECK ("a" > 0) NOT VALID;\nALTER TABLE "users" VALIDATE CONSTRAINT "c";',
] as const;

/** Nothing that squawk says of these either, but for what is not ours. */
const SAFE = [
  'CREATE TABLE "teams" ("id" bigint PRIMARY KEY, "name" text);\nCREATE INDEX "i" ON "teams" ("name");\nALTER TABLE "teams" ADD CONSTRAINT "c" CHECK ("id" > 0);',
  'ALTER TABLE "users" ADD COLUMN "a" text;',
  'ALTER TABLE "users" ADD COLUMN "a" text DEFAULT \'x\' NOT NULL;',
  'CREATE INDEX CONCURRENTLY "i" ON "users" ("a");',
] as const;

describe('against squawk', () => {
  /** Rules that squawk finds broken, by sample. */
  let theirs: ReadonlyMap<string, readonly string[]>;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'squawk-'));
    const samples = [...SAMPLES, ...SAFE];
    const files = samples.map((_, number) => join(folder, `${number}.sql`));
    for (const [number, file] of files.entries()) await writeFile(file, samples[number] ?? '');
    // From the registry, into a folder of its own: not every registry has its binary for every platform, and `npm ci` has to pass on all.
    await promisify(execFile)('npm', ['install', '--prefix', folder, 'squawk-cli@2.66.0']);
    const found = await squawk(folder, files);
    theirs = new Map(
      samples.map((sql, number) => [
        sql,
        found.filter(({ file }) => file === files[number]).map(({ rule_name: rule }) => rule),
      ]),
    );
    await rm(folder, { recursive: true });
  });

  const theirRules = (sql: string): readonly string[] =>
    (theirs.get(sql) ?? []).filter((rule) => NOT_OURS[rule] === undefined);
  const ourRules = (sql: string): readonly string[] =>
    rulesOf(lintSql([sql], { dialect: 'postgresql' }));

  test.each(SAMPLES)('%s: what it finds we find', (sql) => {
    const found = ourRules(sql);
    const missed = theirRules(sql).filter(
      (rule) => !(SAME[rule] ?? []).some((same) => found.includes(same)),
    );
    expect(missed).toEqual([]);
  });

  test.each(SAFE)('%s: neither finds anything', (sql) => {
    expect(theirRules(sql)).toEqual([]);
    expect(ourRules(sql)).toEqual([]);
  });

  test('it does find something in most samples', () => {
    const flagged = SAMPLES.filter((sql) => theirRules(sql).length > 0);
    expect(flagged.length).toBeGreaterThan(15);
  });
});

interface Found {
  readonly file: string;
  readonly rule_name: string;
}

/** It ends with 1 when it finds something. */
function squawk(folder: string, files: readonly string[]): Promise<readonly Found[]> {
  const program = join(folder, 'node_modules/squawk-cli/js/bin/squawk');
  return new Promise((done, fail) => {
    execFile(
      process.execPath,
      [program, '--reporter', 'json', '--assume-in-transaction', ...files],
      (error, stdout) =>
        error !== null && stdout === ''
          ? fail(error)
          : done(JSON.parse(stdout) as readonly Found[]),
    );
  });
}
