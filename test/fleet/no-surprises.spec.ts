import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { thisMachine } from '../../src/fleet/machine.js';
import type { Migrator } from '../../src/index.js';
import type { JournalMigration } from '../journals/write-journal.js';
import { servers, type TestDatabase } from '../servers/index.js';
import { Builds } from './builds.js';

const USERS: JournalMigration = {
  tag: '0000_users',
  sql: 'create table users (id int primary key, a text, b text);',
};
const DROP: JournalMigration = { tag: '0001_drop_a', sql: 'alter table users drop column a;' };
const RENAME: JournalMigration = {
  tag: '0002_rename_b',
  sql: 'alter table users rename column b to c;',
};

/** Days on which nobody should meet a refusal. */
describe('no surprises', () => {
  let database: TestDatabase;
  let builds: Builds;
  const environment = process.env['NODE_ENV'];

  beforeEach(async () => {
    database = await (await servers.postgres18()).createDatabase();
    builds = new Builds('postgresql', database);
  });
  afterEach(async () => {
    process.env['NODE_ENV'] = environment;
    await builds.dispose();
    await database.drop();
  });

  const build = (...migrations: readonly JournalMigration[]): Promise<Migrator> =>
    builds.of(migrations);
  const serves = async (migrator: Migrator): Promise<void> => {
    expect((await migrator.readiness.refreshed()).state).not.toBe('down');
  };
  /** Nobody said goodbye: the row is as a process with that name and number left it, so long ago. */
  const leftBehind = (
    machine: string | null,
    pid: number,
    silentSeconds: number,
  ): Promise<unknown> =>
    database.query(
      `update drizzle.migration_instances set machine = '${machine}', pid = ${pid}, lease_until = clock_timestamp() - interval '${silentSeconds} seconds'`,
    );
  const died = async (): Promise<number> => {
    const child: ChildProcess = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    return child.pid ?? 0;
  };

  it('in production, scaled to zero overnight and back', async () => {
    process.env['NODE_ENV'] = 'production';
    const [first, second] = [await build(USERS), await build(USERS)];
    await first.up();
    await Promise.all([serves(first), serves(second)]);
    await Promise.all([first.readiness.stop(), second.readiness.stop()]);
    expect((await (await build(USERS, DROP)).up()).applied).toHaveLength(1);
    const next = await build(USERS, DROP);
    await serves(next);
    await next.readiness.stop();
    expect((await (await build(USERS, DROP, RENAME)).up()).applied).toHaveLength(1);
  });

  it('in production, a pod that was killed is waited for, and forgotten after five minutes', async () => {
    process.env['NODE_ENV'] = 'production';
    const pod = await build(USERS);
    await pod.up();
    await serves(pod);
    const next = await build(USERS, DROP);
    await leftBehind('pod-1', 1, 299);
    expect((await next.up()).deferred).toHaveLength(1);
    await leftBehind('pod-1', 1, 301);
    expect((await next.up()).applied).toHaveLength(1);
  });

  it('on a laptop, where nobody sets NODE_ENV, a server that was killed a second ago is gone', async () => {
    delete process.env['NODE_ENV'];
    const server = await build(USERS);
    await server.up();
    await serves(server);
    const next = await build(USERS, DROP, RENAME);
    await leftBehind(thisMachine(), process.pid, -30);
    await expect(next.up()).rejects.toMatchObject({ code: 'REFUSED_HELD_BACK' });
    await leftBehind(thisMachine(), await died(), -30);
    expect((await next.up()).applied).toHaveLength(2);
  });

  it('a database of CI that is used again, after a job whose servers were killed', async () => {
    const server = await build(USERS);
    await server.up();
    await serves(server);
    await leftBehind('runner-17', 1, 1);
    expect((await (await build(USERS, DROP, RENAME)).up()).applied).toHaveLength(2);
  });

  it('a database of tests whose tables are emptied between two of them', async () => {
    const server = await build(USERS);
    await server.up();
    await serves(server);
    const orders = { tag: '0001_orders', sql: 'create table orders (id int);' };
    await (await build(USERS, orders)).up();
    await database.query('truncate drizzle.migration_instances');
    const next = await build(USERS, orders, { ...DROP, tag: '0002_drop_a' });
    expect((await next.up()).applied).toHaveLength(1);
  });

  it('a database several releases behind says how to go on', async () => {
    process.env['NODE_ENV'] = 'production';
    const old = await build(USERS);
    await old.up();
    await serves(old);
    const add = { tag: '0002_add', sql: 'alter table users add column d text;' };
    const much = await build(USERS, DROP, add);
    await expect(much.up()).rejects.toMatchObject({
      code: 'REFUSED_HELD_BACK',
      remedy: expect.stringMatching(
        /one after the other.*stop the old instances.*--fleet-confirmed/,
      ),
    });
    expect((await much.up({ fleetConfirmed: true })).applied).toHaveLength(2);
  });
});
