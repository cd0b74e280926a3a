import { setTimeout as pause } from 'node:timers/promises';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { servers, type TestDatabase } from '../servers/index.js';
import { runApplication, startApplication } from './application.js';

const UNCHANGED = /^ {2}state .*Nothing was changed\.$/m;
const ORDERS = { tag: '0000_orders', sql: 'create table orders (id int primary key);' };

let database: TestDatabase;
let journal: WrittenJournal;
let env: { readonly DATABASE_URL: string; readonly MIGRATIONS: string };

beforeEach(async () => {
  database = await (await servers.postgres18()).createDatabase();
  journal = await writeJournal([ORDERS]);
  env = { DATABASE_URL: database.url, MIGRATIONS: journal.folder };
});
afterEach(async () => {
  await database.drop();
  await journal.remove();
});

const job = (...args: string[]) => runApplication(['--release-job', ...args], env);

describe('an application that needs the new table to start', () => {
  it('is migrated by its release job, and then serves', async () => {
    const before = await runApplication([], env);
    expect(before.exitCode).not.toBe(0);
    const { exitCode, stdout, stderr } = await job();
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(
        /^applied 1 migration in .+\n  0000_orders {2}expand {4}.+\n$/,
      ) as string,
    });
    expect(stderr).toContain('0000_orders started: expand, 1 statement');
    const after = await runApplication([], env);
    expect(after).toMatchObject({ exitCode: 0, stdout: 'serving with 0 orders\nup\n' });
  });

  it('is migrated by a controlled start-up, and refused that in production', async () => {
    const refused = await runApplication([], { ...env, STARTUP: '1', NODE_ENV: 'production' });
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain('REFUSED_PRODUCTION');
    const served = await runApplication([], { ...env, STARTUP: '1' });
    expect(served).toMatchObject({ exitCode: 0 });
    expect(served.stdout).toContain('serving with 0 orders\nup\n');
  });
});

describe('the release job', () => {
  it('run again has nothing to do', async () => {
    await job();
    expect(await job()).toMatchObject({ exitCode: 0, stdout: 'nothing to do\n' });
  });

  it('runs code migrations that are providers', async () => {
    await journal.add({ tag: '0001_seed', sql: '-- @run seed-orders\nselect 1;' });
    expect(await job()).toMatchObject({ exitCode: 0 });
    expect(await database.query('select id from orders order by id')).toEqual([
      { id: 41 },
      { id: 42 },
    ]);
  });

  it('--to stops there', async () => {
    await journal.add({ tag: '0001_more', sql: 'create table more (id int);' });
    expect(await job('--to', '0000_orders')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('applied 1 migration') as string,
    });
  });

  it('--json prints one document, complete also when somebody keeps the process alive', async () => {
    const tables = Array.from({ length: 150 }, (_, index) => ({
      tag: `${String(index + 1).padStart(4, '0')}_a_table_with_a_rather_long_name_${index}`,
      sql: `create table t${index} (id int);`,
    }));
    await journal.add(...tables);
    const { exitCode, stdout, stderr } = await runApplication(['--release-job', '--json'], {
      ...env,
      MISBEHAVE: 'held',
    });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      command: 'up',
      ok: true,
      exitCode: 0,
      result: { databases: [{ name: 'default', outcome: 'applied' }] },
    });
    expect(stderr).toMatch(/still holds the process \(.*Timeout.*\)/);
  });

  it('ends at once where nothing holds the process', async () => {
    const { stderr } = await job();
    expect(stderr).not.toContain('still holds');
  });

  it('a migration that fails is exit 1, told on stderr with its place and without its literals', async () => {
    await journal.add({ tag: '0001_bad', sql: "insert into orders values ('canary-7f3a');" });
    const { exitCode, stdout, stderr } = await job('--json');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^MIGRATION_FAILED \(exit 1\)$/m);
    expect(stderr).toMatch(/^ {2}migration {3}0001_bad$/m);
    expect(stderr).toMatch(/^ {2}statement {3}1 of 1$/m);
    expect(stderr).toMatch(/^ {2}next /m);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      exitCode: 1,
      error: { code: 'MIGRATION_FAILED', exitCode: 1 },
    });
    expect(stdout + stderr).not.toContain('canary');
  });

  it('an unreachable database is exit 6 and its password stays inside', async () => {
    const url = new URL(database.url);
    url.port = '1';
    url.password = 'canary-7f3a';
    const { exitCode, stdout, stderr } = await runApplication(['--release-job'], {
      ...env,
      DATABASE_URL: url.href,
    });
    expect(exitCode).toBe(6);
    expect(stdout + stderr).not.toContain('canary');
  });

  it('an argument that nobody knows is exit 64 before anything is touched', async () => {
    const { exitCode, stderr } = await job('--with-out-coordinator');
    expect(exitCode).toBe(64);
    expect(stderr).toContain('--without-coordinator');
    expect(await database.query("select to_regclass('orders') as orders")).toEqual([
      { orders: null },
    ]);
  });

  it.each([
    {
      misbehave: 'options',
      exit: 64,
      says: 'The factory of MigratorModule (default) threw Error; nothing was connected to.',
      state: UNCHANGED,
    },
    { misbehave: 'factory', exit: 1, says: 'Unexpected Error', state: UNCHANGED },
    {
      misbehave: 'variable',
      exit: 64,
      says: 'Configuration key "DATABASE_URL" does not exist',
      state: UNCHANGED,
    },
    { misbehave: 'stray', exit: 1, says: 'stray error: INTERNAL', state: /INTERNAL/ },
  ])(
    'a module with a misbehaving $misbehave is exit $exit, and no connection string comes out',
    async ({ misbehave, exit, says, state }) => {
      const url = new URL(database.url);
      const { exitCode, stdout, stderr } = await runApplication(['--release-job'], {
        ...env,
        MISBEHAVE: misbehave,
      });
      expect({ exitCode, stdout }).toEqual({ exitCode: exit, stdout: '' });
      expect(stderr).toContain(says);
      expect(stderr).toMatch(state);
      expect(stderr).not.toContain(url.host);
    },
  );
});

describe('several databases', () => {
  let second: TestDatabase;
  beforeEach(async () => {
    second = await (await servers.postgres18()).createDatabase();
  });
  afterEach(() => second.drop());

  const both = (...args: string[]) =>
    runApplication(['--release-job', ...args], { ...env, SECOND_DATABASE_URL: second.url });

  it('are migrated one after the other', async () => {
    const { exitCode, stdout } = await both();
    expect(exitCode).toBe(0);
    expect(stdout.match(/^.*applied 1 migration/gm)).toEqual([
      'applied 1 migration',
      'second: applied 1 migration',
    ]);
  });

  it('--database chooses one, and --to needs it', async () => {
    expect(await both('--to', '0000_orders')).toMatchObject({ exitCode: 64 });
    expect(await both('--to', '0000_orders', '--database', 'third')).toMatchObject({
      exitCode: 64,
    });
    const { exitCode, stdout } = await both('--to', '0000_orders', '--database', 'second');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^second: applied 1 migration/);
  });
});

describe('SIGTERM', () => {
  it('ends a run in a slow statement with 143, and the next run goes on', async () => {
    await journal.add({ tag: '0001_slow', sql: 'select pg_sleep(45);' });
    const { child, finished } = startApplication(['--release-job'], env);
    await until(async () => {
      const busy = await database.query(
        "select 1 from pg_stat_activity where datname = current_database() and query like 'select pg_sleep%' and state = 'active'",
      );
      return busy.length > 0;
    });
    child.kill('SIGTERM');
    const { exitCode, stderr } = await finished;
    expect(exitCode).toBe(143);
    expect(stderr).toContain('INTERRUPTED_SIGTERM (exit 143)');
    expect(
      await database.query(
        "select state from drizzle.migration_attempts where tag = '0001_slow' order by id",
      ),
    ).toEqual([{ state: 'interrupted' }]);
    await journal.edit('0001_slow', 'select 1;');
    expect(await job()).toMatchObject({ exitCode: 0 });
  });
});

describe('SIGKILL', () => {
  it('leaves a database that the next run goes on with', async () => {
    await journal.add({ tag: '0001_slow', sql: 'select pg_sleep(5);' });
    const { child, finished } = startApplication(['--release-job'], env);
    await until(async () => {
      const busy = await database.query(
        "select 1 from pg_stat_activity where datname = current_database() and query like 'select pg_sleep%' and state = 'active'",
      );
      return busy.length > 0;
    });
    child.kill('SIGKILL');
    await finished;
    await journal.edit('0001_slow', 'select 1;');
    expect(await job()).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('applied 1 migration') as string,
    });
  });
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    await pause(50);
  }
}
