import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createMigrator, type Migrator } from '../../src/index.js';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { servers, type TestDatabase } from '../servers/index.js';
import { until } from '../waiting/until.js';

const PROGRAM = join(fileURLToPath(new URL('.', import.meta.url)), 'processes/replica.ts');
const USERS = {
  tag: '0000_users',
  sql: 'create table users (id int primary key, nick varchar(20));',
};
const DROP = { tag: '0001_drop_nick', sql: 'alter table users drop column nick;' };

const environment = process.env['NODE_ENV'];
beforeAll(() => {
  process.env['NODE_ENV'] = 'production';
});
afterAll(() => {
  process.env['NODE_ENV'] = environment;
});

describe.each([
  { name: 'Postgres 18', server: 'postgres18', dialect: 'postgresql' },
  { name: 'MariaDB 10.11', server: 'mariadb', dialect: 'mysql' },
] as const)('a replica that is paused past its lease, on $name', ({ server, dialect }) => {
  const instances = dialect === 'mysql' ? 'migration_instances' : 'drizzle.migration_instances';
  const journals: WrittenJournal[] = [];
  let database: TestDatabase;
  let runner: Migrator;
  let child: ChildProcess;
  let state = '';

  beforeEach(async () => {
    database = await (await servers[server]()).createDatabase();
    const old = await writeJournal([USERS], { dialect });
    const next = await writeJournal([USERS, DROP], { dialect });
    journals.push(old, next);
    const at = { dialect, url: database.url };
    const first = createMigrator({ database: at, migrations: old.folder });
    await first.up();
    await first.close();
    runner = createMigrator({ database: at, migrations: next.folder });
    child = fork(PROGRAM, [dialect, database.url, old.folder], {
      execArgv: ['--import', 'jiti/register'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    child.on('message', (said: string) => (state = said));
    await until('the replica is ready', () => state === 'up current');
    child.kill('SIGSTOP');
  });
  afterEach(async () => {
    child.kill('SIGCONT');
    if (child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await runner.close();
    await Promise.all(journals.splice(0).map((journal) => journal.remove()));
    await database.drop();
  });

  /** What the registry says so much later. */
  const pass = (seconds: number): Promise<unknown> =>
    database.query(
      dialect === 'mysql'
        ? `update ${instances} set lease_until = lease_until - interval ${seconds} second`
        : `update ${instances} set lease_until = lease_until - interval '${seconds} seconds'`,
    );

  it('is waited for while it may wake up, and serves on as if nothing had been', async () => {
    await pass(120);
    expect((await runner.up()).deferred).toMatchObject([
      { tag: DROP.tag, waitsFor: [expect.stringContaining('silent, forgotten in')] },
    ]);
    state = '';
    child.kill('SIGCONT');
    await until('it has registered again', async () =>
      (await runner.fleet()).instances.some(({ state: now }) => now === 'live'),
    );
    expect(['', 'up current']).toContain(state);
    expect((await runner.up()).deferred).toHaveLength(1);
  });

  it('is forgotten after five minutes, and finds out as soon as it wakes', async () => {
    await pass(400);
    expect((await runner.up()).applied).toMatchObject([{ tag: DROP.tag }]);
    child.kill('SIGCONT');
    await until('it is down', () => state.startsWith('down ahead_incompatible'));
    // It is back in the registry, and no run counts on it: its journal is what it is.
    expect((await runner.fleet()).instances).toMatchObject([{ state: 'live', head: USERS.tag }]);
  });
});
