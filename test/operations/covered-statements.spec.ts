import { describe, expect, it } from '@jest/globals';
import { isMigratorError } from '../../src/errors.js';
import { backfill } from '../../src/operations/backfill-rows.js';
import { changeColumnType } from '../../src/operations/change-column-type.js';
import { coveredBy } from '../../src/operations/covered-by.js';
import type { Operation, Phase } from '../../src/operations/operation.js';
import { sameType } from '../../src/operations/postgres/same-type.js';
import { renameColumn } from '../../src/operations/rename-column.js';
import { tightenCheck } from '../../src/operations/tighten-check.js';
import { tightenForeignKey } from '../../src/operations/tighten-foreign-key.js';
import { tightenLength } from '../../src/operations/tighten-length.js';
import { tightenNotNull } from '../../src/operations/tighten-not-null.js';
import { tightenUnique } from '../../src/operations/tighten-unique.js';
import type { Dialect } from '../../src/statements/statement.js';
import { readStatements } from '../../src/statements/read-statements.js';

const rename = renameColumn('r', { table: 'users', from: 'name', to: 'full_name' });
const retype = changeColumnType('c', { table: 'users', column: 'n', to: 'bigint' });
const notNull = tightenNotNull('n', { table: 'users', column: 'email' });
const check = tightenCheck('k', { table: 'users', constraint: 'pos', expression: 'n > 0' });
const key = tightenForeignKey('f', {
  table: 'users',
  constraint: 'fk',
  columns: ['o'],
  references: { table: 'o', columns: ['id'] },
});
const unique = tightenUnique('u', { table: 'users', constraint: 'uq', columns: ['email'] });
const short = tightenLength('l', { table: 'users', column: 'name', length: 5 });
const fill = backfill('b', { table: 'users', set: { n: '1' } });

const covers = (operation: Operation, phase: Phase, sql: string, dialect: Dialect): string => {
  try {
    return coveredBy(
      operation,
      phase,
      readStatements(sql, dialect).statements,
      dialect,
    ).length.toString();
  } catch (error) {
    if (isMigratorError(error)) return `${error.code} line ${error.place.line}`;
    throw error;
  }
};

type Row = readonly [Operation, Phase, string];

describe('what a phase may cover', () => {
  const GENERATED: readonly Row[] = [
    [rename, 'expand', 'ALTER TABLE "users" ADD COLUMN "full_name" text;'],
    [
      rename,
      'expand',
      'ALTER TABLE "public"."users" ADD COLUMN "full_name" varchar(20) DEFAULT \'x\' NOT NULL;',
    ],
    [rename, 'contract', 'ALTER TABLE "users" DROP COLUMN "name";'],
    [rename, 'contract', 'ALTER TABLE "users" RENAME COLUMN "name" TO "full_name";'],
    [rename, 'backfill', 'update users set full_name = name;'],
    [
      retype,
      'contract',
      'ALTER TABLE "users" ALTER COLUMN "n" SET DATA TYPE bigint USING "n"::bigint;',
    ],
    [notNull, 'contract', 'ALTER TABLE "users" ALTER COLUMN "email" SET NOT NULL;'],
    [check, 'expand', 'ALTER TABLE "users" ADD CONSTRAINT "pos" CHECK ("users"."n" > 0);'],
    [
      key,
      'expand',
      'ALTER TABLE "users" ADD CONSTRAINT "fk" FOREIGN KEY ("o") REFERENCES "public"."o"("id") ON DELETE no action;',
    ],
    [unique, 'contract', 'ALTER TABLE "users" ADD CONSTRAINT "uq" UNIQUE("email");'],
    [unique, 'contract', 'CREATE UNIQUE INDEX "uq" ON "users" USING btree ("email");'],
    [
      short,
      'expand',
      'ALTER TABLE "users" ADD CONSTRAINT "len" CHECK (char_length("users"."name") <= 5);',
    ],
    [fill, 'backfill', 'update users set n = 1;\nupdate users set n = 2;'],
  ];
  it.each(GENERATED)('%# as Drizzle Kit writes it for Postgres', (operation, phase, sql) => {
    expect(covers(operation, phase, sql, 'postgresql')).toBe(String(sql.split(';').length - 1));
  });

  const MYSQL: readonly Row[] = [
    [rename, 'expand', 'ALTER TABLE `users` ADD `full_name` varchar(20);'],
    [rename, 'contract', 'ALTER TABLE `users` DROP COLUMN `name`;'],
    [rename, 'contract', 'ALTER TABLE `users` RENAME COLUMN `name` TO `full_name`;'],
    [retype, 'contract', 'ALTER TABLE `users` MODIFY COLUMN `n` bigint;'],
    [notNull, 'contract', 'ALTER TABLE `users` MODIFY COLUMN `email` varchar(9) NOT NULL;'],
    [check, 'expand', 'ALTER TABLE `users` ADD CONSTRAINT `pos` CHECK (`n` > 0);'],
    [
      key,
      'expand',
      'ALTER TABLE `users` ADD CONSTRAINT `fk` FOREIGN KEY (`o`) REFERENCES `o`(`id`);',
    ],
    [unique, 'contract', 'ALTER TABLE `users` ADD CONSTRAINT `uq` UNIQUE(`email`);'],
    [short, 'contract', 'ALTER TABLE `users` MODIFY COLUMN `name` varchar(5);'],
  ];
  it.each(MYSQL)('%# as Drizzle Kit writes it for MySQL', (operation, phase, sql) => {
    expect(covers(operation, phase, sql, 'mysql')).toBe('1');
  });

  it('nothing at all', () => {
    expect(covers(rename, 'contract', '', 'postgresql')).toBe('0');
  });

  const OTHERS: readonly (readonly [string, ...Row])[] = [
    ['the other phase', rename, 'expand', 'ALTER TABLE users DROP COLUMN name'],
    ['another column', rename, 'expand', 'ALTER TABLE users ADD COLUMN other text'],
    ['another table', rename, 'expand', 'ALTER TABLE people ADD COLUMN full_name text'],
    [
      'another schema',
      renameColumn('r', { table: 'app.users', from: 'name', to: 'full_name' }),
      'expand',
      'ALTER TABLE web.users ADD COLUMN full_name text',
    ],
    [
      'two actions',
      rename,
      'expand',
      'ALTER TABLE users ADD COLUMN full_name text, ADD COLUMN b text',
    ],
    ['a cascade', rename, 'contract', 'ALTER TABLE users DROP COLUMN name CASCADE'],
    [
      'a rename to something else',
      rename,
      'contract',
      'ALTER TABLE users RENAME COLUMN name TO nick',
    ],
    ['rows in expand', rename, 'expand', 'update users set name = 1'],
    [
      'a schema change in backfill',
      rename,
      'backfill',
      'ALTER TABLE users ADD COLUMN full_name text',
    ],
    [
      'DROP DEFAULT, which tightens as well',
      notNull,
      'contract',
      'ALTER TABLE users ALTER COLUMN email DROP DEFAULT',
    ],
    [
      'a constraint of another name',
      check,
      'expand',
      'ALTER TABLE users ADD CONSTRAINT other CHECK (n > 0)',
    ],
    [
      'a constraint of another kind',
      check,
      'expand',
      'ALTER TABLE users ADD CONSTRAINT pos UNIQUE (n)',
    ],
    ['anything in verify', check, 'verify', 'ALTER TABLE users VALIDATE CONSTRAINT pos'],
    ['transaction control', rename, 'backfill', 'COMMIT'],
  ];
  it.each(OTHERS)('%s does not belong', (_, operation, phase, sql) => {
    expect(covers(operation, phase, `\n${sql};`, 'postgresql')).toBe('OPERATION_MISMATCH line 2');
  });

  it("MariaDB's IGNORE, which drops rows, does not belong", () => {
    const sql = 'ALTER IGNORE TABLE users ADD CONSTRAINT uq UNIQUE (email);';
    expect(covers(unique, 'contract', sql, 'mysql')).toBe('OPERATION_MISMATCH line 1');
    expect(covers(unique, 'contract', sql.replace('IGNORE ', ''), 'mysql')).toBe('1');
  });

  it('one statement of the schema, and the second is named', () => {
    const twice =
      'ALTER TABLE users ADD COLUMN full_name text;\nALTER TABLE users ADD COLUMN full_name text;';
    expect(covers(rename, 'expand', twice, 'postgresql')).toBe('OPERATION_MISMATCH line 2');
  });
});

describe('types of Postgres', () => {
  it.each([
    ['varchar(20)', 'character varying(20)'],
    ['VARCHAR', 'character varying'],
    ['int4', 'integer'],
    ['numeric(10, 2)', 'numeric(10,2)'],
    ['decimal(10)', 'numeric(10,0)'],
    ['timestamptz(3)', 'timestamp(3) with time zone'],
    ['timestamp', 'timestamp without time zone'],
    ['timestamp with time zone', 'timestamptz'],
    ['"public"."mood"', 'mood'],
    ['text[]', 'text[]'],
    ['char', 'character(1)'],
    ['double precision', 'float8'],
  ])('%s is %s', (one, other) => {
    expect(sameType(one, other)).toBe(true);
  });
  it.each([
    ['varchar(20)', 'character varying(21)'],
    ['text', 'text[]'],
    ['timestamp', 'timestamptz'],
    ['timestamp(3)', 'timestamp'],
    ['integer', 'bigint'],
  ])('%s is not %s', (one, other) => {
    expect(sameType(one, other)).toBe(false);
  });
});
