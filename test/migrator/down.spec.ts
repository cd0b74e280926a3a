import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { renameColumn, type MigratorOptions } from '../../src/index.js';
import { dumpSchema } from '../journals/schema-dump.js';
import { writeJournal } from '../journals/write-journal.js';
import { kinds } from '../servers/index.js';
import { until } from '../waiting/until.js';
import { ledgerCount, migratorWorld, type MigratorWorld } from './migrator-world.js';

const SEPARATOR = '\n--> statement-breakpoint\n';
const NAME = 'users-full-name';
const INIT = {
  tag: '0000_init',
  sql: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(50))',
  down: 'DROP TABLE users',
};
const EMAIL = {
  tag: '0001_email',
  sql: [
    'ALTER TABLE users ADD COLUMN email varchar(50)',
    'CREATE INDEX email ON users (email)',
  ].join(SEPARATOR),
};
const ORDERS = {
  tag: '0002_orders',
  sql: 'CREATE TABLE orders (id int PRIMARY KEY)',
  down: 'DROP TABLE orders',
};

/** Issue 4, item 5: the way back, under the same lock, attempts and gates. */
describe.each(kinds)('down on $name', ({ server, dialect }) => {
  const dropIndex = dialect === 'mysql' ? 'DROP INDEX email ON users' : 'DROP INDEX email';
  const dropEmail = [dropIndex, 'ALTER TABLE users DROP COLUMN email'].join(SEPARATOR);
  let world: MigratorWorld;

  beforeEach(async () => {
    world = await migratorWorld(server, [INIT, { ...EMAIL, down: dropEmail }, ORDERS]);
  });
  afterEach(() => world.close());

  const open = (options: Partial<MigratorOptions> = {}) =>
    world.migrator({ readiness: { readyIntervalMs: 200 }, ...options });
  const migratorUpTo = async (to: string) => {
    const migrator = open();
    await migrator.up({ to });
    return migrator;
  };
  const ready = async () => {
    const { readiness } = open({ fleet: { mode: 'off' } });
    readiness.start();
    const { state, reasons } = await readiness.refreshed();
    await readiness.stop();
    return [state, ...reasons.map(({ code }) => code)];
  };

  it('reverts what stands behind a tag, newest first, and up applies it again', async () => {
    const migrator = await migratorUpTo('0000_init');
    const before = await dumpSchema(world.database.url);
    await migrator.up();
    const after = await dumpSchema(world.database.url);

    const dry = await migrator.down({ to: '0000_init', dryRun: true });
    expect(dry.planned.map(({ tag, kind }) => [tag, kind])).toEqual([
      ['0002_orders', 'revert'],
      ['0001_email', 'revert'],
    ]);
    expect(await dumpSchema(world.database.url)).toBe(after);

    const back = await migrator.down({ to: '0000_init' });
    expect(back.reverted.map(({ tag }) => tag)).toEqual(['0002_orders', '0001_email']);
    expect(back.findings.map(({ code, tag }) => [code, tag])).toEqual([
      ['way-back-removes', '0002_orders'],
      ['way-back-removes', '0001_email'],
    ]);
    expect(await dumpSchema(world.database.url)).toBe(before);
    expect(await ledgerCount(world)).toBe(1);
    expect((await migrator.status()).counts).toMatchObject({ applied: 1, pending: 2 });
    expect(await ready()).toEqual(['down', 'behind']);

    expect((await migrator.down({ to: '0000_init' })).outcome).toBe('nothing-to-do');
    expect((await migrator.up()).applied.map(({ tag }) => tag)).toEqual([
      '0001_email',
      '0002_orders',
    ]);
    expect(await dumpSchema(world.database.url)).toBe(after);
    expect(await ready()).toEqual(['up', 'current']);
    const all = await migrator.down({ to: null });
    expect(all.reverted).toHaveLength(3);
    expect(await ledgerCount(world)).toBe(0);
  }, 60_000);

  it('refuses the whole range before it touches anything', async () => {
    await world.journal.add(
      { tag: '0003_no_file', sql: 'CREATE TABLE a (id int PRIMARY KEY)' },
      {
        tag: '0004_never',
        sql: '-- @irreversible mails were sent\nCREATE TABLE b (id int PRIMARY KEY)',
        down: 'DROP TABLE b',
      },
      { tag: '0005_contract', sql: 'DROP TABLE orders', down: ORDERS.sql },
      { tag: '0006_fine', sql: 'CREATE TABLE c (id int PRIMARY KEY)', down: 'DROP TABLE c' },
    );
    const migrator = open();
    await migrator.up();
    const before = await dumpSchema(world.database.url);
    const why = async (to: string | null): Promise<unknown> =>
      migrator.down({ to }).catch((error: unknown) => error);
    expect(await why('0004_never')).toMatchObject({
      code: 'NO_WAY_BACK',
      exitCode: 7,
      place: { migration: '0005_contract' },
      details: { why: 'contract' },
    });
    expect(await why('0003_no_file')).toMatchObject({ code: 'NO_WAY_BACK' });
    await migrator.down({ to: '0005_contract' });
    const open5 = await migrator
      .down({ to: '0003_no_file', contracts: 'revert' })
      .catch((error: unknown) => error);
    expect(open5).toMatchObject({
      details: { why: 'irreversible' },
      place: { migration: '0004_never' },
    });
    expect(await why('0006_fine')).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('is not applied') as unknown as string,
    });
    expect(await why('0009_unknown')).toMatchObject({ code: 'UNKNOWN_TAG' });
    await migrator.up();
    expect(await dumpSchema(world.database.url)).toBe(before);

    const shorter = await writeJournal([INIT, { ...EMAIL, down: dropEmail }, ORDERS], { dialect });
    const older = open({ migrations: shorter.folder });
    expect(await older.down({ to: '0001_email' }).catch((error: unknown) => error)).toMatchObject({
      code: 'LEDGER_AHEAD',
    });
    await shorter.remove();
    expect(await dumpSchema(world.database.url)).toBe(before);
  }, 60_000);

  it('is refused while a build runs that knows what would go', async () => {
    const migrator = await migratorUpTo('0002_orders');
    const replica = open({ build: '1.2.0' });
    replica.readiness.start();
    await replica.readiness.refreshed();
    const error: unknown = await migrator.down({ to: '0001_email' }).catch((one: unknown) => one);
    expect(error).toMatchObject({
      code: 'REFUSED_IN_USE',
      exitCode: 7,
      message: expect.stringContaining('build 1.2.0') as unknown as string,
    });
    expect(await ledgerCount(world)).toBe(3);
    await replica.readiness.stop();
    expect((await migrator.down({ to: '0001_email' })).reverted).toHaveLength(1);
    await migrator.up();

    const again = open({ build: '1.2.0' });
    again.readiness.start();
    expect((await again.readiness.refreshed()).state).toBe('up');
    await migrator.down({ to: '0001_email', allowDowntime: true });
    await until('it says what it lacks', () => again.readiness.current().state === 'down', 20_000);
    expect(again.readiness.current().reasons[0]?.code).toBe('behind');
    await again.readiness.stop();
  }, 60_000);

  it('that fails half-way is gone on with, and nothing else runs before', async () => {
    const migrator = await migratorUpTo('0002_orders');
    const file = dialect === 'mysql' ? dropIndex : 'DROP INDEX CONCURRENTLY email';
    await world.journal.editDown(
      '0001_email',
      [file, 'ALTER TABLE users DROP COLUMN e_mail'].join(SEPARATOR),
    );
    const error: unknown = await open()
      .down({ to: '0000_init' })
      .catch((one: unknown) => one);
    expect(error).toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining('The way back of 0001_email failed') as unknown as string,
      place: {
        file: expect.stringContaining('0001_email.down.sql') as unknown as string,
        statement: 2,
      },
      remedy: expect.stringContaining('nest-migrate down --to 0000_init') as unknown as string,
      details: { reverted: ['0002_orders'] },
    });
    expect(await ready()).toEqual(['down', 'behind', 'behind']);
    expect(await migrator.up().catch((one: unknown) => one)).toMatchObject({
      code: 'DOWN_UNFINISHED',
      exitCode: 5,
      place: { migration: '0001_email' },
    });
    await world.journal.editDown(
      '0001_email',
      [file, 'ALTER TABLE users DROP COLUMN email'].join(SEPARATOR),
    );
    const back = await open().down({ to: '0000_init' });
    expect(back.reverted.map(({ tag, resumedFrom }) => [tag, resumedFrom])).toEqual([
      ['0001_email', 1],
    ]);
    await migrator.up();
    expect(await ready()).toEqual(['up', 'current']);
  }, 60_000);

  it('runs the way back of code migrations', async () => {
    await world.journal.add({ tag: '0003_code', sql: '-- @run seed\n', down: '-- @run seed\n' });
    const seed = {
      name: 'seed',
      up: async (context: { query(sql: string): Promise<unknown> }) => {
        await context.query('INSERT INTO orders VALUES (1)');
      },
    };
    await open({ codeMigrations: [seed] }).up();
    expect(
      await open({ codeMigrations: [seed] })
        .down({ to: '0002_orders' })
        .catch((one: unknown) => one),
    ).toMatchObject({ code: 'NO_WAY_BACK', details: { why: 'code' } });
    const both = {
      ...seed,
      down: async (context: { query(sql: string): Promise<unknown> }) => {
        await context.query('DELETE FROM orders');
      },
    };
    await open({ codeMigrations: [both] }).down({ to: '0002_orders' });
    expect(await world.database.query('SELECT id FROM orders')).toEqual([]);
  }, 60_000);

  it('leaves to an operation what its undo has done', async () => {
    await world.journal.add({
      tag: '0003_rename',
      sql: `-- @operation ${NAME} expand\nALTER TABLE users ADD COLUMN full_name varchar(50)`,
      down: `-- @operation ${NAME} undo\nALTER TABLE users DROP COLUMN full_name`,
    });
    const operations = [renameColumn(NAME, { table: 'users', from: 'name', to: 'full_name' })];
    const migrator = open({ operations });
    await migrator.up({ to: '0002_orders' });
    const before = await dumpSchema(world.database.url);
    await migrator.up();
    expect(await migrator.down({ to: '0002_orders' }).catch((one: unknown) => one)).toMatchObject({
      code: 'OPERATION_REFUSED',
      remedy: expect.stringContaining(`nest-migrate operation undo ${NAME}`) as unknown as string,
    });
    await migrator.operations.undo(NAME);
    await migrator.down({ to: '0002_orders' });
    expect(await dumpSchema(world.database.url)).toBe(before);
    await migrator.up();
    expect((await migrator.operations.list()).map(({ state }) => state)).toEqual(['expanded']);
  }, 60_000);

  it('refuses a down file that counts on the undo of an operation which its migration does not call', async () => {
    await world.journal.add({
      tag: '0003_typo',
      sql: 'ALTER TABLE users ADD COLUMN full_name varchar(50)',
      down: `-- @operation ${NAME}s undo\nALTER TABLE users DROP COLUMN full_name`,
    });
    await open().up();
    expect(
      await open()
        .down({ to: '0002_orders' })
        .catch((one: unknown) => one),
    ).toMatchObject({
      code: 'NO_WAY_BACK',
      details: { why: 'not-called' },
      message: expect.stringContaining(`line 1 of its down file`) as unknown as string,
    });
    await world.database.query('SELECT full_name FROM users');
  }, 60_000);

  it('redo applies the last one as its file is now', async () => {
    const migrator = await migratorUpTo('0002_orders');
    await world.journal.edit('0002_orders', 'CREATE TABLE orders (id int PRIMARY KEY, total int)');
    const { tag, down, up } = await open().redo();
    expect([tag, down.outcome, up.outcome]).toEqual(['0002_orders', 'reverted', 'applied']);
    expect(down.findings.map(({ code }) => code)).toContain('edited-since');
    await world.database.query('SELECT total FROM orders');
    expect((await open().status()).counts).toMatchObject({ applied: 3, pending: 0 });
    await migrator.close();
  }, 60_000);
});
