import { describe, expect, it } from '@jest/globals';
import { integer, pgSchema, pgTable, text } from 'drizzle-orm/pg-core';
import { mysqlTable, varchar } from 'drizzle-orm/mysql-core';
import { pgTable as pgTableRc, text as textRc } from 'drizzle-orm-rc/pg-core';
import { isMigratorError, type MigratorError } from '../../src/errors.js';
import { backfill } from '../../src/operations/backfill-rows.js';
import { changeColumnType } from '../../src/operations/change-column-type.js';
import { specHash, specOf } from '../../src/operations/operation-spec.js';
import type { Operation } from '../../src/operations/operation.js';
import { renameColumn } from '../../src/operations/rename-column.js';
import { tightenCheck } from '../../src/operations/tighten-check.js';
import { tightenForeignKey } from '../../src/operations/tighten-foreign-key.js';
import { tightenLength } from '../../src/operations/tighten-length.js';
import { tightenNotNull } from '../../src/operations/tighten-not-null.js';
import { tightenUnique } from '../../src/operations/tighten-unique.js';
import { validateOperations } from '../../src/operations/validate-operations.js';

const users = pgTable('users', {
  id: integer('id').primaryKey(),
  name: text('name').notNull(),
  fullName: text('full_name'),
  age: integer('age'),
});
const orders = pgSchema('app').table('orders', { id: integer('id'), userId: integer('user_id') });

function refusal(define: () => unknown): MigratorError {
  try {
    define();
  } catch (error) {
    if (isMigratorError(error)) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('operations from Drizzle tables', () => {
  it('take keys and hold the names of the database', () => {
    expect(renameColumn('full', { table: users, from: 'name', to: 'fullName' })).toMatchObject({
      kind: 'rename-column',
      name: 'full',
      table: { schema: null, name: 'users' },
      from: 'name',
      to: 'full_name',
      onConflict: 'error',
      backfill: { onBadRow: 'stop', targetMs: null, ranges: null },
    });
    expect(
      tightenForeignKey('owner', {
        table: orders,
        constraint: 'fk',
        columns: ['userId'],
        references: { table: users, columns: ['id'] },
        repair: { userId: 'null' },
      }),
    ).toMatchObject({
      table: { schema: 'app', name: 'orders' },
      rule: {
        columns: ['user_id'],
        references: { table: { name: 'users' }, columns: ['id'] },
        onDelete: 'no action',
      },
      repair: { user_id: 'null' },
    });
  });

  it('of MySQL, and of the next Drizzle', () => {
    const mysql = mysqlTable('u', {
      a: varchar('a', { length: 9 }),
      b: varchar('b', { length: 9 }),
    });
    const next = pgTableRc('u', { a: textRc('a'), b: textRc('b') });
    expect(renameColumn('x', { table: mysql, from: 'a', to: 'b' })).toMatchObject({ to: 'b' });
    expect(renameColumn('x', { table: next, from: 'a', to: 'b' })).toMatchObject({ to: 'b' });
  });

  it('a key that is not there, or a column of another type, is a mistake at compile time and at run time', () => {
    // @ts-expect-error age is a number
    const typed = refusal(() => renameColumn('x', { table: users, from: 'name', to: 'age' }));
    expect(typed).toMatchObject({ code: 'OPERATION_INVALID', exitCode: 64 });
    // @ts-expect-error there is no nmae
    const misspelt = refusal(() => tightenNotNull('x', { table: users, column: 'nmae' }));
    expect(misspelt.message).toContain('Did you mean name?');
    const lengths = mysqlTable('u', {
      a: varchar('a', { length: 9 }),
      b: varchar('b', { length: 8 }),
    });
    expect(refusal(() => renameColumn('x', { table: lengths, from: 'a', to: 'b' })).code).toBe(
      'OPERATION_INVALID',
    );
  });
});

describe('operations from plain names', () => {
  it('hold a schema where one is named', () => {
    expect(tightenNotNull('x', { table: 'app.users', column: 'a' }).table).toEqual({
      schema: 'app',
      name: 'users',
    });
    expect(tightenNotNull('x', { table: { name: 'a.b' }, column: 'a' }).table).toEqual({
      schema: null,
      name: 'a.b',
    });
  });

  const LONG = 'x'.repeat(65);
  const MISTAKES: readonly (readonly [string, () => unknown, string])[] = [
    [
      'a name that the directive cannot hold',
      () => renameColumn('two words', { table: 't', from: 'a', to: 'b' }),
      'letters, digits',
    ],
    [
      'a name too long for the record',
      () => renameColumn('x'.repeat(201), { table: 't', from: 'a', to: 'b' }),
      '200',
    ],
    ['no options', () => renameColumn('x', undefined as never), 'object'],
    [
      'a missing option',
      () => renameColumn('x', { table: 't', from: 'a' } as never),
      'option to is missing',
    ],
    [
      'an empty option',
      () => renameColumn('x', { table: 't', from: ' ', to: 'b' }),
      'option from must be',
    ],
    [
      'an unknown option',
      () => renameColumn('x', { table: 't', from: 'a', to: 'b', onConflic: 'error' } as never),
      'Did you mean onConflict?',
    ],
    [
      'an unknown policy',
      () => renameColumn('x', { table: 't', from: 'a', to: 'b', onConflict: 'new' as never }),
      "'prefer-new'",
    ],
    [
      'the same column',
      () => renameColumn('x', { table: 't', from: 'a', to: 'a' }),
      'another column',
    ],
    ['a system column', () => renameColumn('x', { table: 't', from: 'a', to: 'ctid' }), 'ctid'],
    [
      'a name of ours',
      () => renameColumn('x', { table: 't', from: 'a', to: 'mg_0123abcd_x' }),
      'mg_',
    ],
    [
      'an over-long column',
      () => renameColumn('x', { table: 't', from: 'a', to: LONG }),
      '63 bytes',
    ],
    [
      'a column whose twin would be over-long',
      () => changeColumnType('x', { table: 't', column: 'x'.repeat(60), to: 'int' }),
      'twin',
    ],
    [
      'three parts in a table name',
      () => renameColumn('x', { table: 'a.b.c', from: 'a', to: 'b' }),
      'schema.table',
    ],
    [
      'a table that is none',
      () => renameColumn('x', { table: 7 as never, from: 'a', to: 'b' }),
      'Drizzle table',
    ],
    [
      'up without its value',
      () => changeColumnType('x', { table: 't', column: 'a', to: 'int', up: '1' }),
      '{value}',
    ],
    [
      'an unknown setting of the backfill',
      () => backfill('x', { table: 't', set: { a: '1' }, backfill: { target: 5 } as never }),
      'Did you mean targetMs?',
    ],
    [
      'a setting of the wrong kind',
      () => backfill('x', { table: 't', set: { a: '1' }, backfill: { ranges: 0 } }),
      'backfill.ranges',
    ],
    ['neither set nor rows', () => backfill('x', { table: 't' }), 'either set or rows'],
    [
      'both set and rows',
      () => backfill('x', { table: 't', set: { a: '1' }, rows: async (all) => all }),
      'either set or rows',
    ],
    [
      'an empty repair',
      () => tightenNotNull('x', { table: 't', column: 'a', repair: {} }),
      'SQL by column',
    ],
    [
      'a repair of duplicates',
      () =>
        tightenUnique('x', {
          table: 't',
          constraint: 'u',
          columns: ['a'],
          repair: { a: '1' },
        } as never),
      'repair',
    ],
    [
      'a column twice',
      () => tightenUnique('x', { table: 't', constraint: 'u', columns: ['a', 'a'] }),
      'each once',
    ],
    [
      'a length that is none',
      () => tightenLength('x', { table: 't', column: 'a', length: 0.5 }),
      'above 0',
    ],
    [
      'a foreign key of unequal length',
      () =>
        tightenForeignKey('x', {
          table: 't',
          constraint: 'f',
          columns: ['a'],
          references: { table: 'o', columns: ['b', 'c'] },
        }),
      'as many',
    ],
  ];
  it.each(MISTAKES)('%s is refused', (_, define, words) => {
    const error = refusal(define);
    expect(error).toMatchObject({ code: 'OPERATION_INVALID', exitCode: 64 });
    expect(error.message).toContain(words);
  });
});

describe('the option operations', () => {
  const rename = renameColumn('rename', { table: 't', from: 'a', to: 'b' });
  const check = (constraint: string): Operation =>
    tightenCheck(constraint, { table: 't', constraint, expression: 'a > 0' });

  it.each<readonly [string, readonly Operation[]]>([
    ['two of one name', [rename, { ...rename, from: 'c', to: 'd' }]],
    [
      'two on one column, of which one is a rename',
      [rename, tightenNotNull('x', { table: 'public.t', column: 'b' })],
    ],
    [
      'a change of type beside a backfill of the column',
      [
        changeColumnType('x', { table: 't', column: 'a', to: 'int' }),
        backfill('y', { table: 't', set: { a: '1' } }),
      ],
    ],
    [
      'two that write one column',
      [
        backfill('x', { table: 't', set: { a: '1' } }),
        tightenNotNull('y', { table: 't', column: 'a', repair: { a: '2' } }),
      ],
    ],
    [
      'two NOT NULL of one column',
      [
        tightenNotNull('x', { table: 't', column: 'a' }),
        tightenNotNull('y', { table: 't', column: 'a' }),
      ],
    ],
    ['what no constructor made', [{ name: 'x' } as never]],
    [
      '63 bytes of a name on Postgres',
      [renameColumn('x', { table: 't', from: 'a', to: 'ä'.repeat(32) })],
    ],
  ])('refuses %s', (_, operations) => {
    expect(refusal(() => validateOperations(operations, 'postgresql'))).toMatchObject({
      code: 'OPERATION_INVALID',
    });
  });

  it('takes rules of different kinds on one column, equal columns of different tables, and names that fit', () => {
    const define = (): void => {
      validateOperations(
        [
          tightenNotNull('x', { table: 't', column: 'a' }),
          tightenUnique('y', { table: 't', constraint: 'u', columns: ['a'] }),
          check('one'),
          check('two'),
          tightenNotNull('z', { table: 'o', column: 'a' }),
          tightenNotNull('s', { table: 'app.o', column: 'b' }),
          tightenNotNull('r', { table: 'web.o', column: 'b' }),
        ],
        'postgresql',
      );
      validateOperations(
        [renameColumn('x', { table: 't', from: 'a', to: 'ä'.repeat(32) })],
        'mysql',
      );
    };
    expect(define).not.toThrow();
  });
});

describe('the hash of a definition', () => {
  const base = backfill('x', { table: 't', set: { a: '1', b: '2' } });

  it('is the same whatever the order of keys and the pace of the rows', () => {
    expect(
      specHash(backfill('x', { set: { b: '2', a: '1' }, table: 't', backfill: { ranges: 4 } })),
    ).toBe(specHash(base));
  });

  it('is another one for anything that changes what is done', () => {
    const others = [
      backfill('x', { table: 't', set: { a: '1', b: '3' } }),
      backfill('x', { table: 't', set: { a: '1', b: '2' }, where: 'a is null' }),
      backfill('x', { table: 'app.t', set: { a: '1', b: '2' } }),
    ];
    expect(new Set([base, ...others].map(specHash)).size).toBe(4);
  });

  it('knows a function by its name', () => {
    const slugs = async (): Promise<readonly null[]> => [];
    expect(specOf(backfill('x', { table: 't', rows: slugs }))['rows']).toBe('function slugs');
  });
});
