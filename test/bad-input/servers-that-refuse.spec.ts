import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { createMigrator, type MigratorOptions } from '../../src/index.js';
import { documentOf, project, removeProjects, runCli } from '../cli/child.js';
import { type WrittenJournal, writeJournal } from '../journals/write-journal.js';
import { urlWith } from '../servers/database-server.js';
import {
  kinds,
  servers,
  startMariaDb,
  startMySql,
  type TestDatabase,
  type TestUser,
} from '../servers/index.js';
import { contentsOf } from './contents.js';
import { refusalOf } from './refusals.js';

/** Runs `up` with the options and closes everything. */
async function up(options: MigratorOptions): Promise<readonly string[]> {
  const migrator = createMigrator(options);
  try {
    return (await migrator.up()).applied.map(({ tag }) => tag);
  } finally {
    await migrator.close();
  }
}

/** All that an error says to programs about what to do. */
async function answerTo(options: MigratorOptions): Promise<object> {
  const { code, exitCode, remedy, state } = await refusalOf(up(options));
  return { code, exitCode, remedied: remedy !== '', state };
}
const refused = (code: string, exitCode: number): object => ({
  code,
  exitCode,
  remedied: true,
  state: 'Nothing was changed.',
});

/** A pool of one connection, which somebody has taken. */
async function takenPool(
  dialect: 'postgresql' | 'mysql',
  url: string,
): Promise<{ readonly client: unknown; readonly end: () => Promise<void> }> {
  if (dialect === 'mysql') {
    const pool = mysql.createPool({ uri: url, connectionLimit: 1 });
    const taken = await pool.getConnection();
    return { client: pool, end: () => (taken.release(), pool.end()) };
  }
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const taken = await pool.connect();
  return { client: pool, end: () => (taken.release(), pool.end()) };
}

afterAll(removeProjects);

describe.each(kinds)('on $name', ({ server, dialect }) => {
  let database: TestDatabase;
  let journal: WrittenJournal;
  let before: readonly string[];
  const users: TestUser[] = [];

  beforeAll(async () => {
    database = await (await servers[server]()).createDatabase();
    await database.query('CREATE TABLE mine (id int)');
    before = await contentsOf(database);
    journal = await writeJournal([{ tag: '0000_first', sql: 'CREATE TABLE first (id int)' }], {
      dialect,
    });
  });
  afterAll(async () => {
    for (const user of users) await user.drop();
    await database.drop();
    await journal.remove();
  });

  /** Nothing of ours is there, and nothing of the user's is gone. */
  const expectUntouched = async (): Promise<void> =>
    expect(await contentsOf(database)).toEqual(before);

  const at = (url: string): MigratorOptions => ({
    database: { dialect, url },
    migrations: journal.folder,
  });
  const user = async (...grants: readonly string[]): Promise<TestUser> => {
    const made = await database.createUser((name) => grants.map((grant) => `${grant} TO ${name}`));
    users.push(made);
    return made;
  };

  it('wrong credentials are CREDENTIALS, by library and command line', async () => {
    const url = urlWith(database.url, { password: 'not-it' });
    expect(await answerTo(at(url))).toEqual(refused('CREDENTIALS', 64));
    const finished = await runCli(['up', '--json', '--migrations', journal.folder], {
      cwd: project({}),
      env: { DATABASE_URL: url },
    });
    expect(finished.exitCode).toBe(64);
    expect(documentOf(finished).error?.code).toBe('CREDENTIALS');
    expect(finished.stderr).toMatch(/^CREDENTIALS \(exit 64\)$/m);
    await expectUntouched();
  });

  it('a database that does not exist is DATABASE_MISSING', async () => {
    const url = urlWith(database.url, { database: 'not_there' });
    expect(await answerTo(at(url))).toEqual(refused('DATABASE_MISSING', 64));
  });

  it('the other dialect is WRONG_DIALECT', async () => {
    const other = dialect === 'mysql' ? 'postgresql' : 'mysql';
    const { host } = new URL(database.url);
    expect(
      await answerTo({
        database: { dialect: other, url: `${other}://me:secret@${host}/${database.name}` },
        migrations: journal.folder,
      }),
    ).toEqual(refused('WRONG_DIALECT', 64));
    await expectUntouched();
  });

  it('a login that may not create tables is MISSING_PRIVILEGE, with the GRANT to run', async () => {
    const reader = await user(
      dialect === 'mysql' ? `GRANT SELECT ON ${database.name}.*` : 'GRANT USAGE ON SCHEMA public',
    );
    const error = await refusalOf(up(at(reader.url)));
    expect(error).toMatchObject({ code: 'MISSING_PRIVILEGE', state: 'Nothing was changed.' });
    expect(error.remedy).toMatch(/grant|create schema/i);
    expect(error.remedy).toContain(reader.name);
    await expectUntouched();
  });

  if (dialect === 'mysql')
    it('a login that may create tables and not write them is MISSING_PRIVILEGE before any migration', async () => {
      const other = await (await servers[server]()).createDatabase();
      const creator = await other.createUser((name) => [
        `GRANT SELECT, INSERT, CREATE, INDEX ON ${other.name}.* TO ${name}`,
      ]);
      const error = await refusalOf(up(at(creator.url)));
      expect(error.code).toBe('MISSING_PRIVILEGE');
      expect(error.remedy).toContain('update');
      expect(error.state).toMatch(/^No migration was run\..*there now, and empty/);
      expect(await contentsOf(other)).not.toContain('first: 0');
      await creator.drop();
      await other.drop();
    });

  it('a login that may only look can plan, and status tells it what is pending', async () => {
    const reader = await user(
      dialect === 'mysql' ? `GRANT SELECT ON ${database.name}.*` : 'GRANT USAGE ON SCHEMA public',
    );
    const migrator = createMigrator(at(reader.url));
    expect((await migrator.plan()).migrations.map(({ tag }) => tag)).toEqual(['0000_first']);
    expect((await migrator.status()).counts.pending).toBe(1);
    await migrator.close();
    await expectUntouched();
  });

  it('a login that may not do what a statement needs is a failed migration, with role and remedy, at that statement', async () => {
    const owner = await user(
      ...(dialect === 'mysql'
        ? [`GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, INDEX ON ${database.name}.*`]
        : [`GRANT CREATE ON DATABASE ${database.name}`, 'GRANT ALL ON SCHEMA public']),
    );
    const folder = await writeJournal(
      [
        { tag: '0000_first', sql: 'CREATE TABLE first (id int)' },
        { tag: '0001_alter', sql: 'SELECT 1;\nALTER TABLE mine ADD COLUMN b int' },
      ],
      { dialect },
    );
    const error = await refusalOf(up({ ...at(owner.url), migrations: folder.folder }));
    await folder.remove();
    expect(error).toMatchObject({
      code: 'MIGRATION_NOT_PERMITTED',
      exitCode: 1,
      details: { role: expect.stringContaining(owner.name) as string },
      place: { migration: '0001_alter', statement: 2, statements: 2, line: 2 },
    });
    expect(error.state).not.toBe('Nothing was changed.');
    expect(error.message).toContain(owner.name);
    expect(error.remedy).toMatch(
      dialect === 'mysql'
        ? new RegExp(`grant alter, .* on \`${database.name}\`\\.\\* to '${owner.name}'@`)
        : /the owner of "mine" .*\(grant <owner> to "/,
    );
    await cleanUp();
  });

  it('a pool of one connection that is taken does not matter', async () => {
    const pool = await takenPool(dialect, database.url);
    expect(
      await up({ database: { dialect, client: pool.client }, migrations: journal.folder }),
    ).toEqual(['0000_first']);
    await pool.end();
    await cleanUp();
  });

  it('a URL with special characters in password and database works when encoded', async () => {
    const password = `a@b/c#d?e%f:g&h=i"j' k`;
    const name = `odd ${database.name}/ä`;
    const quoted = dialect === 'mysql' ? `\`${name}\`` : `"${name}"`;
    await database.query(`CREATE DATABASE ${quoted}`);
    const owner = await user(
      dialect === 'mysql' ? `GRANT ALL ON ${quoted}.*` : `GRANT ALL ON DATABASE ${quoted}`,
    );
    await database.query(
      dialect === 'mysql'
        ? `ALTER USER '${owner.name}'@'%' IDENTIFIED BY '${password.replaceAll("'", "''")}'`
        : `ALTER ROLE ${owner.name} PASSWORD '${password.replaceAll("'", "''")}'`,
    );
    const url = urlWith(owner.url, {
      password: encodeURIComponent(password),
      database: encodeURIComponent(name),
    });
    const odd = await writeJournal(
      [
        {
          tag: '0000_odd',
          sql: dialect === 'mysql' ? 'CREATE TABLE t (i int)' : 'CREATE SCHEMA s',
        },
      ],
      { dialect },
    );
    const finished = await runCli(['up', '--json', '--migrations', odd.folder], {
      cwd: project({}),
      env: { DATABASE_URL: url },
    });
    expect(documentOf(finished)).toMatchObject({ ok: true, exitCode: 0 });
    await odd.remove();
    await database.query(
      dialect === 'mysql' ? `DROP DATABASE ${quoted}` : `DROP DATABASE ${quoted} WITH (FORCE)`,
    );
    await expectUntouched();
  });

  /** Back to what was there before, whoever applied it. */
  async function cleanUp(): Promise<void> {
    const applied = await contentsOf(database);
    expect(applied).toContain(dialect === 'mysql' ? 'first: 0' : 'public.first: 0');
    if (dialect === 'postgresql') {
      await database.query('DROP SCHEMA drizzle CASCADE; DROP TABLE first');
      return;
    }
    const tables = applied.flatMap((line) => /^(\w+): \d/.exec(line)?.[1] ?? []);
    const own = tables.filter((table) => table !== 'mine').map((table) => `\`${table}\``);
    await database.query(`DROP TABLE ${own.join(', ')}`);
  }
});

describe('a server that takes no writes', () => {
  const CASES = [
    { name: 'Postgres 18', server: 'postgres18', start: null },
    { name: 'Postgres 15', server: 'postgres15', start: null },
    { name: 'MySQL 9.7', server: 'mysql', start: startMySql },
    { name: 'MariaDB 10.11', server: 'mariadb', start: startMariaDb },
  ] as const;

  it.each(CASES)(
    '$name: up is READ_ONLY, and fine with nothing to do',
    async ({ server, start }) => {
      // read_only binds a whole MySQL server, which other specs share.
      const own = await start?.();
      const dialect = start === null ? 'postgresql' : 'mysql';
      const database = await (own ?? (await servers[server]())).createDatabase();
      const user = await database.createUser((name) =>
        dialect === 'mysql'
          ? [`GRANT ALL ON ${database.name}.* TO ${name}`]
          : [
              `GRANT ALL ON DATABASE ${database.name} TO ${name}`,
              `GRANT ALL ON SCHEMA public TO ${name}`,
            ],
      );
      const journal = await writeJournal(
        [{ tag: '0000_first', sql: 'CREATE TABLE first (id int)' }],
        {
          dialect,
        },
      );
      const options: MigratorOptions = {
        database: { dialect, url: user.url },
        migrations: journal.folder,
      };
      const setReadOnly = (): Promise<unknown> =>
        database.query(
          dialect === 'mysql'
            ? 'SET GLOBAL read_only = 1'
            : `ALTER ROLE ${user.name} SET default_transaction_read_only = on`,
        );
      try {
        await up(options);
        await journal.add({ tag: '0001_second', sql: 'CREATE TABLE second (id int)' });
        const before = await contentsOf(database);
        await setReadOnly();
        expect(await answerTo(options)).toEqual(refused('READ_ONLY', 64));
        expect(await contentsOf(database)).toEqual(before);
        await readOnlyRuns(options);
      } finally {
        await journal.remove();
        if (own === undefined) {
          await user.drop();
          await database.drop();
        } else await own.stop();
      }

      async function readOnlyRuns(withPending: MigratorOptions): Promise<void> {
        const migrator = createMigrator(withPending);
        expect((await migrator.status()).counts).toMatchObject({ applied: 1, pending: 1 });
        expect((await migrator.up({ to: '0000_first' })).outcome).toBe('nothing-to-do');
        await migrator.close();
      }
    },
  );
});

describe('what is no database of ours', () => {
  let journal: WrittenJournal;
  let silent: Server;
  let silentAt: string;

  beforeAll(async () => {
    journal = await writeJournal([{ tag: '0000_first', sql: 'CREATE TABLE first (id int)' }]);
    silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    silentAt = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    silent.close();
    await journal.remove();
  });

  it.each([
    ['file:./app.db', 'SQLite'],
    ['sqlite:./app.db', 'SQLite'],
    ['libsql://app.turso.io', 'libSQL'],
  ])('%s is UNSUPPORTED_DIALECT', async (url, name) => {
    const finished = await runCli(['up', '--json', '--migrations', journal.folder], {
      cwd: project({}),
      env: { DATABASE_URL: url },
    });
    const { error } = documentOf(finished);
    expect([finished.exitCode, error?.code]).toEqual([64, 'UNSUPPORTED_DIALECT']);
    expect(error?.message).toContain(name);
  });

  it.each(['postgres18', 'postgres15'] as const)(
    'CockroachDB, told by its version string, is UNSUPPORTED_DIALECT (%s)',
    async (server) => {
      const database = await (await servers[server]()).createDatabase();
      await database.query(`CREATE SCHEMA fake;
        CREATE FUNCTION fake.version() RETURNS text LANGUAGE sql
          AS $$ SELECT 'CockroachDB CCL v24.1.0 (x86_64-pc-linux-gnu)'::text $$;
        ALTER DATABASE ${database.name} SET search_path = fake, pg_catalog, public`);
      const before = await contentsOf(database);
      expect(
        await answerTo({
          database: { dialect: 'postgresql', url: database.url },
          migrations: journal.folder,
        }),
      ).toEqual(refused('UNSUPPORTED_DIALECT', 64));
      expect(await contentsOf(database)).toEqual(before);
      await database.drop();
    },
  );

  it('a server that never answers is UNREACHABLE after ten seconds', async () => {
    const answers = await Promise.all(
      (['postgresql', 'mysql'] as const).flatMap((dialect) => {
        const url = `${dialect}://me:secret@${silentAt}/app`;
        const byCommandLine = async (): Promise<object> => {
          const finished = await runCli(['status', '--json', '--migrations', journal.folder], {
            cwd: project({}),
            env: { DATABASE_URL: url },
          });
          const { code, exitCode } = { ...finished, ...documentOf(finished).error };
          return { code, exitCode };
        };
        return [
          answerTo({ database: { dialect, url }, migrations: journal.folder }),
          byCommandLine(),
        ];
      }),
    );
    const expected = [refused('UNREACHABLE', 6), { code: 'UNREACHABLE', exitCode: 6 }];
    expect(answers).toEqual([...expected, ...expected]);
  });
});
