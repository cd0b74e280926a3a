import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { renameColumn } from '../../src/index.js';
import { kinds } from '../servers/index.js';
import { lockDefinition, type LockedDefinition } from './locked-definition.js';
import { migratorWorld, type MigratorWorld, type WatchedMigrator } from './migrator-world.js';

const NAME = 'users-full-name';
const rename = renameColumn(NAME, { table: 'users', from: 'name', to: 'full_name' });

/** Issue 3: what a phase looks at is waited for as what it changes is. */
describe.each(kinds)('a phase beside a locked table on $name', ({ server, dialect }) => {
  let world: MigratorWorld;
  let held: LockedDefinition | null = null;

  beforeEach(async () => {
    world = await migratorWorld(server, [
      {
        tag: '0000_init',
        sql: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(100) NOT NULL)',
      },
      {
        tag: '0001_rename',
        sql: `-- @operation ${NAME} expand\nALTER TABLE users ADD COLUMN full_name varchar(100)`,
      },
    ]);
    await world.migrator().up({ to: '0000_init' });
  });
  afterEach(async () => {
    await release();
    await world.close();
  });

  const hold = async (): Promise<void> => {
    held = await lockDefinition(dialect, world.database, 'users');
  };
  const release = async (): Promise<void> => {
    await held?.release();
    held = null;
  };
  const blocked = (migrator: WatchedMigrator): Promise<unknown> =>
    migrator.seen((event) => event.type === 'operation.blocked' && event.operation === NAME);
  const refusal = (run: Promise<unknown>): Promise<unknown> =>
    run.then(
      () => null,
      (error: unknown) => error,
    );
  const pidOf = (error: unknown): unknown =>
    (error as { readonly details: { readonly blockers: readonly { readonly pid: string }[] } })
      .details.blockers[0]?.pid;

  it('waits in up, says so, and goes on when the table is free', async () => {
    await hold();
    const migrator = world.migrator({ operations: [rename], lockTimeoutMs: 200 });
    const run = migrator.up();
    await blocked(migrator);
    await release();
    expect((await run).applied.map(({ tag }) => tag)).toEqual(['0001_rename']);
  }, 30_000);

  it('gives up at the end of the ladder, and names who is in the way', async () => {
    await hold();
    const migrator = world.migrator({ operations: [rename], lockTimeoutMs: 200, lockLadderMs: 1 });
    const error = await refusal(migrator.up());
    expect(error).toMatchObject({
      code: 'LOCK_TIMEOUT',
      exitCode: 3,
      place: { migration: '0001_rename', line: 1 },
    });
    expect(held?.pids).toContain(pidOf(error));
    await release();
    expect((await migrator.up()).applied.map(({ tag }) => tag)).toEqual(['0001_rename']);
  }, 30_000);

  it('waits in operation undo, says so, and goes on when the table is free', async () => {
    const migrator = world.migrator({ operations: [rename], lockTimeoutMs: 200 });
    await migrator.up();
    await hold();
    const run = migrator.operations.undo(NAME);
    await blocked(migrator);
    await release();
    expect(await run).toMatchObject({ name: NAME, from: 'expanded' });
  }, 30_000);
});
