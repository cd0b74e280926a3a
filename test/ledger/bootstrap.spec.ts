import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bootstrap } from '../../src/ledger/bootstrap.js';
import { LIBRARY_VERSIONS, libraryMigration } from '../../src/ledger/library.js';
import { OWN_TABLES } from '../../src/ledger/location.js';
import { readLedger } from '../../src/ledger/read-ledger.js';
import { databases, type TestUser } from '../servers/index.js';
import { ledgerWorld, type LedgerWorld } from './ledger-world.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe.each(databases)('the bootstrap on $name', (version) => {
  let world: LedgerWorld;
  const prefix = version.dialect === 'mysql' ? '' : 'drizzle.';

  beforeEach(async () => {
    world = await ledgerWorld(version);
  });
  afterEach(() => world.drop());

  const run = (layout: 'journal' | 'folder' = 'journal', grantTo: readonly string[] = []) =>
    world.withSession((session) => bootstrap(session, world.location, { layout, grantTo }));

  /** A role that reaches the database and may not read the ledger; MySQL lets nobody in who may do nothing there. */
  const visitor = async (): Promise<TestUser> => {
    await world.admin.query('create table visited (id int)');
    return world.admin.createUser((name) =>
      version.dialect === 'mysql' ? [`grant select on ${world.admin.name}.visited to ${name}`] : [],
    );
  };

  it('makes everything once, and says what it did', async () => {
    const empty = await world.withSession((session) => readLedger(session, world.location));
    expect(empty).toEqual({
      version: null,
      rows: [],
      bootstrapped: false,
      attempts: [],
      empty: true,
    });

    expect(await run()).toEqual({
      changed: true,
      versions: LIBRARY_VERSIONS,
      ledgerVersion: 'v0',
    });
    expect(await run()).toEqual({ changed: false, versions: [], ledgerVersion: 'v0' });
    expect(await world.withSession((session) => readLedger(session, world.location))).toEqual({
      ...empty,
      version: 'v0',
      bootstrapped: true,
    });
  });

  it('gives a new ledger the shape of the line that the folder belongs to, and never another', async () => {
    expect((await run('folder')).ledgerVersion).toBe('v1');
    expect((await run('journal')).ledgerVersion).toBe('v1');
  });

  it('counts a database with a table of a user as not empty', async () => {
    await run();
    await world.admin.query('create table users (id int)');
    const { empty } = await world.withSession((session) => readLedger(session, world.location));
    expect(empty).toBe(false);
  });

  it('lets two services with ledgers of their own bootstrap one schema at the same time', async () => {
    const locations = ['one', 'two', 'three'].map((table) => ({ ...world.location, table }));
    const results = await Promise.all(
      locations.map((location) =>
        world.withSession((session) => bootstrap(session, location, { layout: 'journal' })),
      ),
    );
    expect(results.map(({ ledgerVersion }) => ledgerVersion)).toEqual(['v0', 'v0', 'v0']);
    const recorded = await world.admin.query(`select version from ${prefix}migration_library`);
    expect(recorded).toHaveLength(LIBRARY_VERSIONS.length);
  });

  it('runs on tables of a newer library', async () => {
    await run();
    await world.admin.query(
      `insert into ${prefix}migration_library (version, hash) values ('0099_future', '${'0'.repeat(64)}')`,
    );
    await world.admin.query(`alter table ${prefix}migration_attempts add column later int`);
    expect(await run()).toMatchObject({ changed: false });
    const snapshot = await world.withSession((session) => readLedger(session, world.location));
    expect(snapshot.bootstrapped).toBe(true);
  });

  it('refuses a table of that name which is somebody else’s', async () => {
    if (version.dialect === 'postgresql') await world.admin.query('create schema drizzle');
    await world.admin.query(`create table ${prefix}migration_lock (locked int)`);
    await expect(run()).rejects.toMatchObject({ code: 'CONFIGURATION' });
    expect(await world.admin.query(`select * from ${prefix}migration_lock`)).toEqual([]);
  });

  it('says which GRANT a role without the right to create needs, and changes nothing', async () => {
    const user = await visitor();
    await expect(
      world.withSession(
        (session) => bootstrap(session, world.location, { layout: 'journal' }),
        user.url,
      ),
    ).rejects.toMatchObject({ code: 'MISSING_PRIVILEGE', exitCode: 64 });
    await user.drop();
  });

  it('runs as a role that may not create anything where everything exists', async () => {
    await run();
    const user = await world.admin.createUser((name) =>
      version.dialect === 'mysql'
        ? [
            ...[...OWN_TABLES, '__drizzle_migrations'].map(
              (table) => `grant select, insert, update on ${world.admin.name}.${table} to ${name}`,
            ),
          ]
        : [
            `grant usage on schema drizzle to ${name}`,
            `grant select, insert, update on all tables in schema drizzle to ${name}`,
            `grant usage on all sequences in schema drizzle to ${name}`,
          ],
    );
    const result = await world.withSession(
      (session) => bootstrap(session, world.location, { layout: 'journal' }),
      user.url,
    );
    expect(result.changed).toBe(false);
    await user.drop();
  });

  it('lets a reader in with grantTo, whom it named the GRANT to before', async () => {
    await run();
    const reader = await visitor();
    const read = () =>
      world.withSession((session) => readLedger(session, world.location), reader.url);
    const role = version.dialect === 'mysql' ? `${reader.name}@%` : reader.name;

    await expect(read()).rejects.toMatchObject({ code: 'MISSING_PRIVILEGE' });
    await run('journal', [role]);
    expect(await read()).toMatchObject({ version: 'v0', bootstrapped: true });
    await expect(
      world.withSession(
        (session) => session.query(`insert into ${prefix}__drizzle_migrations (hash) values ('x')`),
        reader.url,
      ),
    ).rejects.toMatchObject({ kind: 'privilege' });
    await reader.drop();
  });

  it('gives grants that work when they are typed as printed', async () => {
    await run();
    const reader = await visitor();
    const error: { readonly details: { readonly grants: readonly string[] } } = await world
      .withSession((session) => readLedger(session, world.location), reader.url)
      .then(
        () => Promise.reject(new Error('it could read')),
        (reason) => reason,
      );
    for (const grant of error.details.grants) await world.admin.query(grant);
    await expect(
      world.withSession((session) => readLedger(session, world.location), reader.url),
    ).resolves.toMatchObject({ version: 'v0' });
    await reader.drop();
  });

  it('names a role in grantTo that does not exist', async () => {
    await expect(run('journal', ['nobody_of_that_name'])).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('nobody_of_that_name'),
    });
  });
});

describe('what stands in the way of the bootstrap', () => {
  let world: LedgerWorld;
  beforeEach(async () => {
    world = await ledgerWorld(databases[0]);
  });
  afterEach(() => world.drop());
  const run = () =>
    world.withSession((session) => bootstrap(session, world.location, { layout: 'journal' }));
  const tables = () => world.admin.query("select 1 from pg_tables where schemaname = 'drizzle'");

  it('a run that is faster again and again is a reason to come back later', async () => {
    // The error of a lost race, every time: only a server that is slow at the right moment would give it otherwise.
    await world.admin.query(`create function lose() returns event_trigger language plpgsql as $$
      begin raise exception using errcode = '42P07'; end $$`);
    await world.admin.query('create event trigger lose on ddl_command_end execute function lose()');
    await expect(run()).rejects.toMatchObject({
      code: 'BOOTSTRAP_RACE',
      exitCode: 3,
      state: 'Nothing was changed.',
    });
    expect(await tables()).toEqual([]);
  });

  it.each([
    'create type drizzle.migration_lock as enum ()',
    'create view drizzle.migration_lock as select 1',
  ])('and what will not go away is named: %s', async (statement) => {
    await world.admin.query('create schema drizzle');
    await world.admin.query(statement);
    const error = await run().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CONFIGURATION', state: 'Nothing was changed.' });
    expect(String(error)).toContain('migration_lock');
    expect(await tables()).toEqual([]);
  });
});

describe('the bootstrap after a crash', () => {
  it.each(databases.filter(({ dialect }) => dialect === 'mysql'))(
    'goes on where it stopped, on $name',
    async (version) => {
      const world = await ledgerWorld(version);
      try {
        const statements = LIBRARY_VERSIONS.flatMap(
          (tag) => libraryMigration('mysql', tag).statements,
        );
        for (const [index] of statements.entries()) {
          for (const table of OWN_TABLES) await world.admin.query(`drop table if exists ${table}`);
          for (const statement of statements.slice(0, index + 1))
            await world.admin.query(statement);
          const result = await world.withSession((session) =>
            bootstrap(session, world.location, { layout: 'journal' }),
          );
          expect(result.versions).toEqual(LIBRARY_VERSIONS);
          const snapshot = await world.withSession((session) =>
            readLedger(session, world.location),
          );
          expect(snapshot.bootstrapped).toBe(true);
        }
      } finally {
        await world.drop();
      }
    },
  );
});

describe('our own migrations', () => {
  it.each(['postgresql', 'mysql'] as const)(
    'are what drizzle-kit generates from the schema for %s, and what the library asks for',
    async (dialect) => {
      const journal: { readonly entries: readonly { readonly tag: string }[] } = JSON.parse(
        await readFile(join(ROOT, 'drizzle', dialect, 'meta/_journal.json'), 'utf8'),
      );
      expect(journal.entries.map(({ tag }) => tag)).toEqual(LIBRARY_VERSIONS);

      const folder = await mkdtemp(join(ROOT, 'node_modules', '.kit-'));
      try {
        await cp(join(ROOT, 'drizzle', dialect), join(folder, 'out'), { recursive: true });
        const before = await readdir(join(folder, 'out'));
        const config = join(folder, 'drizzle.config.json');
        await writeFile(
          config,
          JSON.stringify({
            dialect,
            schema: join(ROOT, `src/ledger/schema.${dialect}.ts`),
            out: `./${folder.slice(ROOT.length)}/out`,
          }),
        );
        const { stdout } = await promisify(execFile)(
          process.execPath,
          [join(ROOT, 'node_modules/drizzle-kit/bin.cjs'), 'generate', '--config', config],
          { cwd: ROOT, env: { ...process.env, NODE_OPTIONS: '' } },
        );
        expect(stdout).toContain('No schema changes');
        expect(await readdir(join(folder, 'out'))).toEqual(before);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );

  it('never change once published', async () => {
    const files = (['postgresql', 'mysql'] as const).flatMap((dialect) =>
      LIBRARY_VERSIONS.map((version) => `${dialect}/${version}.sql`),
    );
    const hashes = await Promise.all(
      files.map(async (file) => [
        file,
        createHash('sha256')
          .update(await readFile(join(ROOT, 'drizzle', file)))
          .digest('hex'),
      ]),
    );
    expect(Object.fromEntries(hashes)).toMatchInlineSnapshot(`
     {
       "mysql/0000_init.sql": "1920d15d25bb2e286bdf89691baf23c5251ce8baa69300b42ff04f101068fb81",
       "mysql/0001_operations.sql": "d5e23e5a69f7400ba0e57b036ea8cf315326c9e9c694493f0d2e05bf5d6dd5d6",
       "mysql/0002_instances.sql": "c983447d6d7da4c04a87dc624307294f1b9b37f3ec3bab5beca911be86a50d75",
       "postgresql/0000_init.sql": "1dec64a1b2e5f4a5242b75414aae4ba4dc235dfc0c238046d99ccda56373d5d9",
       "postgresql/0001_operations.sql": "d1469908d648923a228519150230ab3de5e90172a5528bd5dd8d529b88b1f9b4",
       "postgresql/0002_instances.sql": "af3564c251b65ef4c3a6136b69f51591e866cd5cc4685529bd47f543001c4577",
     }
    `);
  });
});
