import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MigratorOptions } from '../../src/index.js';
import { writeJournal } from '../journals/write-journal.js';
import { kinds } from '../servers/index.js';
import { until } from '../waiting/until.js';
import { ledgerCount, migratorWorld, type MigratorWorld } from './migrator-world.js';

const SEPARATOR = '\n--> statement-breakpoint\n';
const USERS = {
  tag: '0000_users',
  sql: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(50))',
  down: 'DROP TABLE users',
};
const TWO = {
  tag: '0001_two',
  sql: ['ALTER TABLE users ADD COLUMN a int', 'ALTER TABLE users ADD COLUMN b int'].join(SEPARATOR),
};
const LAST = {
  tag: '0002_last',
  sql: 'CREATE TABLE last_one (id int PRIMARY KEY)',
  down: 'DROP TABLE last_one',
};
const BACK = ['ALTER TABLE users DROP COLUMN b', 'ALTER TABLE users DROP COLUMN a'];
/** On Postgres statement by statement, as on MySQL. */
const STEPWISE = '-- @transaction off\n';

/** Issue 4, item 5: whatever becomes of a way back, a command leads out of it, and nobody is told that it is done. */
describe.each(kinds)('a way back that is not through on $name', ({ server, dialect }) => {
  let world: MigratorWorld;
  const back = (...statements: readonly string[]): string =>
    `${dialect === 'mysql' ? '' : STEPWISE}${statements.join(SEPARATOR)}`;
  const own = (table: string): string => (dialect === 'mysql' ? table : `drizzle.${table}`);

  beforeEach(async () => {
    world = await migratorWorld(server, [USERS, { ...TWO, down: back(...BACK) }, LAST]);
    await world.migrator().up();
  });
  afterEach(() => world.close());

  const errorOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => null,
      (error: unknown) => error,
    );
  const readiness = async (options: Partial<MigratorOptions> = {}): Promise<string> => {
    const { readiness: probe } = world.migrator({ fleet: { mode: 'off' }, ...options });
    probe.start();
    await probe.refreshed();
    // The second read is of the digest alone.
    const { state, reasons } = await probe.refreshed();
    await probe.stop();
    return [state, ...new Set(reasons.map(({ code }) => code))].join(' ');
  };
  /** What a runner leaves that was killed: `running`, or put on record as interrupted by the next one. */
  const leave = async (
    state: 'running' | 'interrupted',
    cursor: number,
    inFlight: number | null,
  ) => {
    const fence = `(SELECT fence FROM ${own('migration_lock')} WHERE part = 'fence')`;
    const scope = `(SELECT scope FROM ${own('migration_lock')} WHERE part = 'fence')`;
    await world.database.query(
      `INSERT INTO ${own('migration_attempts')} (scope, kind, tag, file_checksum, state, impact, requires, statements, statement_cursor, in_flight, fence, runner)
       VALUES (${scope}, 'down', '0001_two', 'x', '${state}', 'contract', '0001_two', 2, ${cursor}, ${inFlight}, ${fence}, 'dead')`,
    );
  };

  it('died before its first statement: the next run finds nothing done, and replicas start', async () => {
    await leave('running', 0, null);
    expect(await readiness()).toBe('down behind');
    expect((await world.migrator().up()).outcome).toBe('nothing-to-do');
    expect(await readiness()).toBe('up current');
  }, 60_000);

  it('failed half-way: wait, status, plan and up all say so, and down goes on', async () => {
    await world.migrator().down({ to: '0001_two' });
    await world.journal.editDown(
      '0001_two',
      back(BACK[0] ?? '', 'ALTER TABLE users DROP COLUMN nn'),
    );
    const migrator = world.migrator();
    await errorOf(migrator.down({ to: '0000_users' }));
    expect(await errorOf(migrator.wait({ timeoutMs: 1 }))).toMatchObject({
      code: 'DOWN_UNFINISHED',
    });
    expect(await migrator.status()).toMatchObject({ requiredPending: true });
    expect(await errorOf(migrator.up())).toMatchObject({
      code: 'DOWN_UNFINISHED',
      remedy: expect.stringContaining('nest-migrate down --to 0000_users') as unknown as string,
    });
    expect(await errorOf(migrator.down({ to: '0001_two' }))).toMatchObject({
      code: 'DOWN_UNFINISHED',
    });
    // Another file than the one that was begun: undone by hand, said so, and begun anew.
    await world.journal.editDown(
      '0001_two',
      back('ALTER TABLE users DROP COLUMN a', BACK[0] ?? ''),
    );
    expect(await errorOf(world.migrator().down({ to: '0000_users' }))).toMatchObject({
      code: 'EDITED',
      remedy: expect.stringContaining('repair 0001_two rolled-back') as unknown as string,
    });
    await world.database.query('ALTER TABLE users ADD COLUMN b int');
    await migrator.repair('0001_two', 'rolled-back', { reason: 'b is there again' });
    expect((await world.migrator().down({ to: '0000_users' })).reverted).toMatchObject([
      { tag: '0001_two', resumedFrom: 0 },
    ]);
    await world.journal.editDown('0001_two', back(...BACK));
    await world.migrator().up();
    expect(await readiness()).toBe('up current');
  }, 60_000);

  it('was answered for: builds without the migration live on behind it', async () => {
    await world.migrator().down({ to: '0001_two' });
    await leave('interrupted', 0, 0);
    await world.database.query('ALTER TABLE users DROP COLUMN b');
    const shorter = await writeJournal([USERS], { dialect });
    const older = { migrations: shorter.folder };
    expect(await readiness(older)).toBe('degraded ahead');
    await world.migrator().repair('0001_two', 'applied', { reason: 'looked' });
    expect(await readiness(older)).toBe('degraded ahead');
    await world.journal.editDown('0001_two', back(...BACK));
    // The step digests of the row that was left by hand are unknown, so that it goes on behind the first.
    const { reverted } = await world.migrator().down({ to: '0000_users' });
    expect(reverted).toMatchObject([{ tag: '0001_two', resumedFrom: 1 }]);
    expect(await readiness(older)).toBe('up current');
    expect(await readiness()).toBe('down behind');
    await shorter.remove();
  }, 60_000);

  it('stands behind a migration that is half-way up: undone by hand, it goes', async () => {
    await world.journal.add({
      tag: '0003_half',
      sql: back('ALTER TABLE users ADD COLUMN c int', 'ALTER TABLE nothing ADD COLUMN c int'),
      down: 'ALTER TABLE users DROP COLUMN c',
    });
    const migrator = world.migrator();
    await errorOf(migrator.up());
    expect(await errorOf(migrator.down({ to: '0001_two' }))).toMatchObject({
      code: 'ATTEMPT_INTERRUPTED',
      remedy: expect.stringContaining('repair 0003_half rolled-back') as unknown as string,
    });
    await world.database.query('ALTER TABLE users DROP COLUMN c');
    await migrator.repair('0003_half', 'rolled-back', { reason: 'dropped c' });
    expect((await migrator.down({ to: '0001_two' })).reverted).toHaveLength(1);
  }, 60_000);

  it('is at work: up waits for it, and wait does not call the database current', async () => {
    const sleep = dialect === 'mysql' ? 'SELECT sleep(3)' : 'SELECT pg_sleep(3)';
    await world.journal.editDown('0002_last', [sleep, LAST.down].join(SEPARATOR));
    const down = world.migrator();
    const reverting = down.down({ to: '0001_two' });
    await down.seen(({ type }) => type === 'statement.started');
    const waiting = world.migrator();
    expect(await errorOf(waiting.wait({ timeoutMs: 1 }))).toMatchObject({ code: 'WAIT_TIMEOUT' });
    expect((await waiting.plan()).refusals).toEqual([]);
    const up = waiting.up();
    await waiting.seen(({ type }) => type === 'lock.waiting');
    expect((await reverting).outcome).toBe('reverted');
    expect((await up).applied.map(({ tag }) => tag)).toEqual(['0002_last']);
  }, 60_000);

  it('is refused where its file says nothing, or touches what is kept on record', async () => {
    await world.journal.editDown('0002_last', '-- nothing yet\n');
    expect(await errorOf(world.migrator().down({ to: '0001_two' }))).toMatchObject({
      code: 'NO_WAY_BACK',
      details: { why: 'empty-down-file' },
    });
    await world.journal.editDown(
      '0002_last',
      [LAST.down, `DELETE FROM ${own('__drizzle_migrations')}`].join(SEPARATOR),
    );
    expect(await errorOf(world.migrator().down({ to: '0001_two' }))).toMatchObject({
      code: 'NO_WAY_BACK',
      details: { why: 'own-table' },
    });
    expect(await ledgerCount(world)).toBe(3);
  }, 60_000);

  it('was the first half of a redo that failed: redo takes no other migration for it', async () => {
    await world.journal.edit('0002_last', 'CREATE TABLE last_one (id int PRIMARY KEY), oops');
    expect(await errorOf(world.migrator().redo())).toMatchObject({
      code: 'MIGRATION_FAILED',
      state: expect.stringContaining(
        '0002_last is reverted and not applied again.',
      ) as unknown as string,
    });
    expect(await errorOf(world.migrator().redo())).toMatchObject({
      code: 'USAGE',
      place: { migration: '0002_last' },
    });
    expect(await ledgerCount(world)).toBe(2);
    await world.journal.edit('0002_last', LAST.sql);
    await world.migrator().up();
    expect(await readiness()).toBe('up current');
  }, 60_000);

  it('takes the row of its own migration from the ledger, and no twin’s', async () => {
    const when = Date.UTC(2026, 5, 1);
    const twin = { sql: 'SELECT 1', down: 'SELECT 1', when };
    await world.journal.add({ tag: '0003_twin', ...twin }, { tag: '0004_twin', ...twin });
    const migrator = world.migrator();
    await migrator.up();
    await migrator.down({ to: '0003_twin' });
    expect((await migrator.status()).counts).toMatchObject({ applied: 4, pending: 1 });
    await until('it is there again', async () => (await migrator.up()).applied.length === 1);
  }, 60_000);

  it('that cannot begin its resume keeps what it knew', async () => {
    const sleepless = dialect === 'mysql' ? 'SET SESSION sql_mode = @@GLOBAL.sql_mode' : 'SET ROLE';
    const user = await world.database.createUser(() => []);
    const role = new URL(user.url).username;
    const setting = dialect === 'mysql' ? sleepless : `SET ROLE "${role}"`;
    const reset = dialect === 'mysql' ? 'SELECT 1' : 'RESET ROLE';
    await world.migrator().down({ to: '0001_two' });
    await world.journal.editDown(
      '0001_two',
      back(setting, reset, BACK[0] ?? '', 'ALTER TABLE users DROP COLUMN nn'),
    );
    await errorOf(world.migrator().down({ to: '0000_users' }));
    await user.drop();
    await errorOf(world.migrator().down({ to: '0000_users' }));
    const { migrations } = await world.migrator().status();
    expect(migrations.find(({ tag }) => tag === '0001_two')?.attempt).toMatchObject({
      way: 'back',
      cursor: 3,
    });
    expect(await readiness()).toBe('down behind');
  }, 60_000);
});
