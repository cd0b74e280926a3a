import type { MigratorOptions } from '../../src/index.js';
import { refusalOf } from '../bad-input/refusals.js';
import type { JournalMigration } from '../journals/write-journal.js';
import { ledgerCount, migratorWorld, type MigratorWorld } from '../migrator/migrator-world.js';
import { kinds } from '../servers/index.js';

describe.each(kinds)('directives on $name', ({ server, dialect }) => {
  let world: MigratorWorld;
  afterEach(() => world.close());

  const start = async (...migrations: readonly JournalMigration[]): Promise<void> => {
    world = await migratorWorld(server, [
      {
        tag: '0000_init',
        sql: 'CREATE TABLE notes (id int PRIMARY KEY, said varchar(100));',
      },
      ...migrations,
    ]);
  };
  const notes = async (): Promise<readonly (string | null)[]> =>
    (await world.database.query<{ said: string | null }>('SELECT said FROM notes ORDER BY id')).map(
      ({ said }) => said,
    );
  const attempt = async (tag: string): Promise<object | undefined> => {
    const table = dialect === 'mysql' ? 'migration_attempts' : 'drizzle.migration_attempts';
    return (
      await world.database.query(
        `SELECT impact, requires, state, statement_cursor FROM ${table} WHERE tag = '${tag}' ORDER BY id DESC LIMIT 1`,
      )
    )[0];
  };

  it('@impact and @requires decide, and stand on record for builds to come', async () => {
    await start(
      { tag: '0001_harmless', sql: '-- @impact contract\nCREATE TABLE harmless (id int)' },
      { tag: '0002_late', sql: '-- @requires 0000_init\n-- @impact breaking\nSELECT 1' },
      { tag: '0003_drop', sql: '-- @impact expand\nDROP TABLE harmless' },
    );
    const { migrations } = await world.migrator().plan();
    expect(migrations.map(({ impact, requires }) => [impact, requires])).toEqual([
      ['expand', null],
      ['contract', '0001_harmless'],
      ['breaking', '0000_init'],
      ['expand', null],
    ]);
    await world.migrator().up();
    expect(await attempt('0001_harmless')).toMatchObject({
      impact: 'contract',
      requires: '0001_harmless',
    });
    expect(await attempt('0002_late')).toMatchObject({ impact: 'breaking', requires: '0000_init' });
    expect(await attempt('0003_drop')).toMatchObject({ impact: 'expand', requires: null });
  });

  it('a contract or breaking migration of a database in use names what older builds would miss', async () => {
    await start();
    await world.migrator().up();
    await world.journal.add({
      tag: '0001_rename',
      sql: 'ALTER TABLE notes RENAME COLUMN said TO told',
    });
    const { findings } = await world.migrator().up();
    expect(findings).toMatchObject([
      { code: 'breaking-without-fleet', severity: 'warning', tag: '0001_rename' },
    ]);
    expect(findings[0]?.message).toContain('said');
  });

  it('@transaction off: what came before a failure stays, and the next run goes on behind it', async () => {
    const broken = (directive: string): string =>
      `${directive}\nINSERT INTO notes VALUES (1, 'kept');\nINSERT INTO nowhere VALUES (1);\nINSERT INTO notes VALUES (2, 'after');`;
    await start({ tag: '0001_whole', sql: broken('-- all or nothing') });
    expect(await refusalOf(world.migrator().up())).toMatchObject({
      code: 'MIGRATION_FAILED',
      place: { statement: 2, statements: 3, line: 3 },
    });
    expect(await notes()).toEqual([]);

    const off = broken('-- @transaction off');
    await world.journal.edit('0001_whole', off);
    expect((await refusalOf(world.migrator().up())).state).toContain('first 1 of 3');
    expect(await notes()).toEqual(['kept']);
    expect(await attempt('0001_whole')).toMatchObject({ state: 'failed' });

    await world.journal.edit(
      '0001_whole',
      off.replace('INTO nowhere VALUES (1)', "INTO notes VALUES (9, 'mended')"),
    );
    const { applied } = await world.migrator().up();
    expect(applied).toMatchObject([{ tag: '0001_whole', resumedFrom: 1 }]);
    expect(await notes()).toEqual(['kept', 'after', 'mended']);
  });

  it('@lock-timeout holds for its migration alone', async () => {
    const setting = dialect === 'mysql' ? '@@lock_wait_timeout' : "current_setting('lock_timeout')";
    await start(
      { tag: '0001_own', sql: `-- @lock-timeout 3s\nINSERT INTO notes SELECT 1, ${setting}` },
      { tag: '0002_default', sql: `INSERT INTO notes SELECT 2, ${setting}` },
    );
    await world.migrator().up();
    expect(await notes()).toEqual(dialect === 'mysql' ? ['3', '1'] : ['3s', '500ms']);
  });

  it.each([
    ['alone', ''],
    ['statement by statement', '-- @transaction off\n'],
  ])('@statement-timeout ends a statement that takes longer (%s)', async (_how, more) => {
    // MySQL's SLEEP is no statement that fails when it is interrupted: it returns 1.
    const slow =
      dialect === 'mysql'
        ? 'INSERT INTO notes WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT 1, count(*) FROM n a, n b, n c, n d'
        : 'INSERT INTO notes SELECT 1, pg_sleep(20)::text';
    await start({
      tag: '0001_slow',
      sql: `${more}-- @statement-timeout 150ms\n${slow}`,
    });
    const began = performance.now();
    const error = await refusalOf(world.migrator().up());
    expect(error).toMatchObject({
      code: 'MIGRATION_FAILED',
      place: { statement: 1, line: more === '' ? 2 : 3 },
    });
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(await notes()).toEqual([]);
    await world.journal.edit('0001_slow', "INSERT INTO notes VALUES (1, 'in time')");
    await world.migrator().up();
    expect(await notes()).toEqual(['in time']);
  });

  it('@run runs code between the statements, in order, once, and a failure of it is named', async () => {
    await start({
      tag: '0001_code',
      sql: "-- @run before\nINSERT INTO notes VALUES (2, 'statement');\n-- @run after\n",
    });
    const said: string[] = [];
    let fail = true;
    const note = (id: number, text: string): string =>
      `INSERT INTO notes VALUES (${id}, '${text}')`;
    const codeMigrations: MigratorOptions['codeMigrations'] = [
      {
        name: 'before',
        up: async (context) => {
          said.push('before');
          await context.query(note(1, 'code'));
        },
      },
      {
        name: 'after',
        up: async (context) => {
          const rows = await context.query('SELECT id FROM notes');
          said.push(`after ${rows.length}`);
          if (fail) throw new TypeError('not today');
          await context.query(note(3, 'more code'));
        },
      },
    ];
    const error = await refusalOf(world.migrator({ codeMigrations }).up());
    expect(error).toMatchObject({
      code: 'CODE_MIGRATION_FAILED',
      exitCode: 1,
      place: { migration: '0001_code', line: 3 },
    });
    expect(error.message).toContain('after');
    // Postgres: one transaction, nothing stays. MySQL: the steps that were committed do.
    expect(await notes()).toEqual(dialect === 'mysql' ? ['code', 'statement'] : []);

    fail = false;
    await world.migrator({ codeMigrations }).up();
    expect(await notes()).toEqual(['code', 'statement', 'more code']);
    expect(said).toEqual(
      dialect === 'mysql'
        ? ['before', 'after 2', 'after 2']
        : ['before', 'after 2', 'before', 'after 2'],
    );
    expect((await world.migrator({ codeMigrations }).up()).outcome).toBe('nothing-to-do');
    expect(await ledgerCount(world)).toBe(2);
  });

  it('@operation runs the statements it covers on an empty database, and is an error on another', async () => {
    const covered = {
      tag: '0001_rename',
      sql: '-- @operation notes-said expand\nALTER TABLE notes ADD COLUMN told varchar(100)',
    };
    await start(covered);
    await world.migrator().up();
    expect(await world.database.query('SELECT told FROM notes')).toEqual([]);
    await world.journal.add({ ...covered, tag: '0002_again' });
    expect(await refusalOf(world.migrator().up())).toMatchObject({
      code: 'UNKNOWN_OPERATION',
      exitCode: 4,
      place: { migration: '0002_again', line: 1 },
    });
  });

  it('@irreversible and @allow are read, and @online gives the end state of what stands below it', async () => {
    await start(
      { tag: '0001_back', sql: 'CREATE TABLE b (id int)', down: 'DROP TABLE b' },
      {
        tag: '0002_no_way_back',
        sql: '-- @irreversible the rows are gone\n-- @allow drop-table: nobody reads it\nDROP TABLE b',
        down: 'CREATE TABLE b (id int)',
      },
      { tag: '0003_online', sql: '-- @online\nCREATE INDEX notes_said ON notes (said)' },
    );
    const { migrations } = await world.migrator().plan();
    expect(migrations.map(({ reversible }) => reversible)).toEqual([false, true, false, false]);
    const { findings } = await world.migrator().up();
    expect(findings).toEqual([]);
    expect(await ledgerCount(world)).toBe(4);
  });
});
