import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { renameColumn } from '../../src/index.js';
import { createTestDatabase, type TestDatabaseOptions } from '../../src/testing/index.js';
import { until } from '../waiting/until.js';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { servers } from '../servers/index.js';

let journal: WrittenJournal;
afterEach(() => journal?.remove());

const FIRST = {
  tag: '0000_init',
  sql: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(20));',
};
const SECOND = { tag: '0001_more', sql: 'CREATE TABLE orders (id int PRIMARY KEY);' };

describe.each(['postgres18', 'postgres15', 'mysql', 'mariadb'] as const)(
  'a database for one test on %s',
  (server) => {
    const databasesOf = async (): Promise<readonly string[]> =>
      (
        await (
          await servers[server]()
        ).query<{ name: string }>(
          server.startsWith('postgres')
            ? 'select datname as name from pg_database'
            : 'select schema_name as name from information_schema.schemata',
        )
      ).map(({ name }) => name);

    it('has the migrations, is nobody else’s, and goes away with its migrator', async () => {
      const { url } = await servers[server]();
      journal = await writeJournal([FIRST, SECOND]);
      const options = { url, migrations: journal.folder };
      const [one, other] = await Promise.all([
        createTestDatabase(options),
        createTestDatabase(options),
      ]);
      expect(one.name).toMatch(/^mg_test_[0-9a-f]{16}$/);
      expect(one.name).not.toBe(other.name);
      expect((await one.migrator.status()).counts).toMatchObject({ applied: 2, pending: 0 });
      expect((await one.migrator.up()).outcome).toBe('nothing-to-do');
      expect(await databasesOf()).toEqual(expect.arrayContaining([one.name, other.name]));
      await one.drop();
      await one.drop();
      await other[Symbol.asyncDispose]();
      const left = await databasesOf();
      expect(left).not.toContain(one.name);
      expect(left).not.toContain(other.name);
    });

    it('has the triggers of an operation that the folder leaves open, whatever was made of it before', async () => {
      const { url } = await servers[server]();
      journal = await writeJournal([
        FIRST,
        {
          tag: '0001_handle',
          sql: '-- @operation users-handle expand\nALTER TABLE users ADD COLUMN handle varchar(20);',
        },
      ]);
      const operations = [
        renameColumn('users-handle', { table: 'users', from: 'name', to: 'handle' }),
      ];
      const plain = await createTestDatabase({ url, migrations: journal.folder });
      const open = await createTestDatabase({
        ...{ url, migrations: journal.folder },
        migrator: { operations },
      });
      const state = async ({ migrator }: typeof open): Promise<readonly string[]> =>
        (await migrator.operations.list()).map((one) => one.state);
      expect([await state(plain), await state(open)]).toEqual([[], ['expanded']]);
      await plain.drop();
      await open.drop();
    });

    it('is empty without a folder, stops at a tag, and leaves nothing of a failed migration', async () => {
      const { url } = await servers[server]();
      journal = await writeJournal([FIRST, SECOND, { tag: '0002_bad', sql: 'DROP TABLE nobody;' }]);
      const empty = await createTestDatabase({ url });
      expect(empty).not.toHaveProperty('migrator');
      await empty.drop();
      const some = { url, migrations: journal.folder, to: '0001_more' };
      const stopped = await createTestDatabase(some);
      expect((await stopped.migrator.status()).counts).toMatchObject({ applied: 2, pending: 1 });
      await stopped.drop();
      const none = await createTestDatabase({ ...some, to: null });
      expect((await none.migrator.status()).counts).toMatchObject({ applied: 0, pending: 3 });
      await none.drop();
      await expect(createTestDatabase({ ...some, to: '0009_nowhere' })).rejects.toMatchObject({
        code: 'UNKNOWN_TAG',
      });
      const before = await databasesOf();
      await expect(createTestDatabase({ url, migrations: journal.folder })).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
        place: { migration: '0002_bad' },
      });
      // Specs beside this one make such databases too, and drop them.
      await until('no database is left over', async () =>
        (await databasesOf()).every(
          (name) => before.includes(name) || name.includes('tpl') || !name.startsWith('mg_test_'),
        ),
      );
    });
  },
);

describe('a template', () => {
  const templates = async (): Promise<readonly string[]> =>
    (
      await (
        await servers.postgres18()
      ).query<{ name: string }>(
        `select datname as name from pg_database where datname like 'mg\\_test\\_tpl\\_%'`,
      )
    ).map(({ name }) => name);

  it('is built once, however many processes begin at one time', async () => {
    const { url } = await servers.postgres18();
    journal = await writeJournal([FIRST, SECOND]);
    const before = await templates();
    const workers = Array.from({ length: 4 }, () =>
      fork(new URL('./processes/make-database.mjs', import.meta.url), [url, journal.folder]),
    );
    const ended = await Promise.all(
      workers.map(async (worker) => ((await once(worker, 'exit')) as [number])[0]),
    );
    expect(ended).toEqual([0, 0, 0, 0]);
    expect((await templates()).filter((name) => !before.includes(name))).toHaveLength(1);
  });

  it('of an older state of the folder is dropped with the next, and others are left alone', async () => {
    const server = await servers.postgres18();
    const { url } = server;
    journal = await writeJournal([FIRST]);
    const options: TestDatabaseOptions = { url, migrations: journal.folder };
    const before = await templates();
    await (await createTestDatabase(options)).drop();
    const [older = ''] = (await templates()).filter((name) => !before.includes(name));
    // Of the same name, and not of the kit's making: it has no mark.
    const foreign = older.replace(/[0-9a-f]{16}$/, 'f'.repeat(16));
    await server.query(`create database ${foreign}`);
    try {
      await journal.add(SECOND);
      await (await createTestDatabase(options)).drop();
      const now = (await templates()).filter((name) => !before.includes(name));
      expect(now).toHaveLength(2);
      expect(now).not.toContain(older);
      expect(now).toContain(foreign);
    } finally {
      await server.query(`drop database ${foreign}`);
    }
  });
});

describe('no database is made', () => {
  it('in production', async () => {
    const before = process.env['NODE_ENV'];
    process.env['NODE_ENV'] = 'production';
    try {
      await expect(createTestDatabase({ url: 'postgresql://localhost/x' })).rejects.toMatchObject({
        code: 'REFUSED_PRODUCTION',
      });
    } finally {
      process.env['NODE_ENV'] = before;
    }
  });

  it('where there is no server, or the login may not', async () => {
    await expect(createTestDatabase({ url: 'memory://' })).rejects.toMatchObject({
      code: 'CONFIGURATION',
    });
    const database = await (await servers.postgres18()).createDatabase();
    const user = await database.createUser();
    try {
      await expect(createTestDatabase({ url: user.url })).rejects.toMatchObject({
        code: 'MISSING_PRIVILEGE',
      });
    } finally {
      await user.drop();
      await database.drop();
    }
  });
});

it('the kit needs no test runner: it works under node --test, as built', async () => {
  const { url } = await servers.postgres18();
  journal = await writeJournal([FIRST, SECOND]);
  const program = fileURLToPath(new URL('./processes/without-runner.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', program], {
    env: { ...process.env, NODE_OPTIONS: '', KIT_URL: url, KIT_MIGRATIONS: journal.folder },
  });
  expect(stdout).toMatch(/pass 3\b/);
});
