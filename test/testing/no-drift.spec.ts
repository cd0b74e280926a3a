import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { int, mysqlTable, varchar } from 'drizzle-orm/mysql-core';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import * as mysqlSchema from '../../src/ledger/schema.mysql.js';
import * as postgresSchema from '../../src/ledger/schema.postgresql.js';
import { expectNoDrift } from '../../src/testing/index.js';
import { onlyWhatStays } from '../../src/testing/drizzle-kit/without-renames.js';
import { writeJournal } from '../journals/write-journal.js';

const CASES = [
  {
    dialect: 'postgresql',
    schema: postgresSchema as Record<string, unknown>,
    added: { one: pgTable('one', { id: integer('id').primaryKey(), name: text('name') }) },
    create: 'CREATE TABLE "one" (',
    drop: 'DROP TABLE "migration_instances" CASCADE;',
  },
  {
    dialect: 'mysql',
    schema: mysqlSchema as Record<string, unknown>,
    added: {
      one: mysqlTable('one', { id: int('id').primaryKey(), name: varchar('name', { length: 9 }) }),
    },
    create: 'CREATE TABLE `one` (',
    drop: 'DROP TABLE `migration_instances`;',
  },
] as const;

describe.each(CASES)('schema.ts and migrations of $dialect', (given) => {
  const { dialect, schema, added, create, drop } = given;
  const migrations = join('drizzle', dialect);

  it('say the same', async () => {
    expect(await expectNoDrift({ schema, dialect, migrations })).toBeUndefined();
  });

  it('differ by a table, and each side is named', async () => {
    await expect(
      expectNoDrift({ schema: { ...schema, ...added }, dialect, migrations }),
    ).rejects.toMatchObject({
      code: 'ERR_ASSERTION',
      message: `schema.ts and the migrations in ${migrations} differ: drizzle-kit generate would write\n  ${create}`,
      actual: [create],
      expected: [],
    });
    const { migrationInstances: _, ...fewer } = schema;
    await expect(expectNoDrift({ schema: fewer, dialect, migrations })).rejects.toMatchObject({
      actual: [drop],
    });
  });

  it('differ where one goes and another comes, and nobody is asked whether that is a rename', async () => {
    const { migrationInstances: _, ...fewer } = schema;
    await expect(
      expectNoDrift({ schema: { ...fewer, ...added }, dialect, migrations }),
    ).rejects.toMatchObject({ actual: expect.arrayContaining([create, drop]) });
  });

  it('differ by everything where the folder has no snapshot', async () => {
    const journal = await writeJournal([{ tag: '0000_one', sql: 'select 1' }], { dialect });
    try {
      await expect(
        expectNoDrift({ schema: added, dialect, migrations: journal.folder }),
      ).rejects.toMatchObject({ actual: [create] });
    } finally {
      await journal.remove();
    }
  });
});

describe('by drizzle.config.ts', () => {
  let folder: string;
  const before = process.env['DIALECT'];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drift-'));
  });
  afterEach(async () => {
    if (before === undefined) delete process.env['DIALECT'];
    else process.env['DIALECT'] = before;
    await rm(folder, { recursive: true, force: true });
  });

  it.each(['postgresql', 'mysql'] as const)(
    'passes, and names what is missing, on %s',
    async (dialect) => {
      process.env['DIALECT'] = dialect;
      const config = 'drizzle.config.ts';
      await expectNoDrift({ config, migrations: join('drizzle', dialect) });
      // The folder as it was before the last migration.
      await cp(join('drizzle', dialect), folder, { recursive: true });
      const file = join(folder, 'meta', '_journal.json');
      const journal = JSON.parse(await readFile(file, 'utf8')) as { entries: unknown[] };
      journal.entries.pop();
      await writeFile(file, JSON.stringify(journal));
      await rm(join(folder, 'meta', '0002_snapshot.json'));
      await expect(expectNoDrift({ config, migrations: folder })).rejects.toMatchObject({
        code: 'ERR_ASSERTION',
        message: expect.stringContaining('migration_instances'),
      });
    },
  );

  it('a question of drizzle-kit is a difference, and its errors and its silence are told', async () => {
    await cp('drizzle/postgresql', folder, { recursive: true });
    const file = join(folder, 'meta', '0002_snapshot.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll('migration_instances', 'migration_somebody'));
    await expect(
      expectNoDrift({ config: 'drizzle.config.ts', migrations: folder }),
    ).rejects.toMatchObject({
      actual: ['-- what drizzle-kit asks about: something comes while another goes, or is renamed'],
    });
    await expect(
      expectNoDrift({ config: 'nowhere.config.ts', migrations: folder }),
    ).rejects.toMatchObject({ code: 'CONFIGURATION' });
    await expect(
      expectNoDrift({ config: 'drizzle.config.ts', migrations: folder, timeoutMs: 1 }),
    ).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('1 ms'),
    });
  });
});

it('an older snapshot is to be brought up first', async () => {
  const journal = await writeJournal([{ tag: '0000_one', sql: 'select 1' }]);
  try {
    await writeFile(join(journal.folder, 'meta', '0000_snapshot.json'), '{"version": "5"}');
    await expect(
      expectNoDrift({ schema: {}, dialect: 'postgresql', migrations: journal.folder }),
    ).rejects.toMatchObject({
      code: 'CONFIGURATION',
      remedy: expect.stringContaining('drizzle-kit up'),
    });
  } finally {
    await journal.remove();
  }
});

it('what stays is what both name, columns too', () => {
  const table = (...columns: readonly string[]) => ({
    columns: Object.fromEntries(columns.map((name) => [name, { name }])),
  });
  expect(
    onlyWhatStays(
      { id: '1', tables: { a: table('x', 'y'), b: table('x') }, views: { v: {} } },
      { id: '2', tables: { a: table('y', 'z'), c: table('x') }, views: {} },
    ),
  ).toEqual({ id: '1', tables: { a: table('y') }, views: {} });
});
