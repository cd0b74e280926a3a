import { afterEach, describe, expect, it } from '@jest/globals';
import { backfill, renameColumn, tightenNotNull, type Operation } from '../../src/index.js';
import { own } from '../faults/consistent-ledger.js';
import { migratorWorld, type MigratorWorld, type WatchedMigrator } from './migrator-world.js';

const SLUG = backfill('slug', {
  table: 'users',
  set: { slug: 'lower(name)' },
  where: 'slug is null',
  backfill: { ranges: 1 },
});

/** What a writer that nothing stops leaves to do when the backfill is over. */
describe.each(['postgres18', 'mysql', 'mariadb'] as const)(
  'rows left between backfill and verify on %s',
  (server) => {
    const isPostgres = server === 'postgres18';
    const text = isPostgres ? 'text' : 'varchar(50)';
    let world: MigratorWorld;
    afterEach(() => world.close());

    /** The table with two rows, and an operation up to the file before its last. */
    async function begun(operation: Operation, files: readonly string[]): Promise<WatchedMigrator> {
      world = await migratorWorld(server, [
        {
          tag: '0000_init',
          sql: `CREATE TABLE users (id int PRIMARY KEY, name ${text}, slug ${text})`,
        },
        ...files.map((sql, index) => ({ tag: `000${index + 1}_part`, sql })),
      ]);
      await world.migrator().up({ to: '0000_init' });
      await world.database.query(`INSERT INTO users (id, name) VALUES (1, 'Ada'), (2, 'Grace')`);
      const migrator = world.migrator({ operations: [operation] });
      await migrator.up({ to: `000${files.length - 1}_part` });
      return migrator;
    }

    const slugs = async (): Promise<unknown[]> =>
      (await world.database.query<{ slug: unknown }>('SELECT slug FROM users ORDER BY id')).map(
        ({ slug }) => slug,
      );

    it('are done by verify, which counts again behind it', async () => {
      const migrator = await begun(SLUG, [
        '-- @operation slug backfill\n',
        '-- @operation slug verify\n',
      ]);
      // The old version of the application goes on.
      await world.database.query(`INSERT INTO users (id, name) VALUES (3, 'Linus')`);
      await world.database.query(`UPDATE users SET slug = NULL WHERE id = 1`);
      await migrator.up();
      expect(await slugs()).toEqual(['ada', 'grace', 'linus']);
      expect(await migrator.operations.list()).toMatchObject([{ state: 'verified', pending: 0 }]);
    });

    it('are done also where that pass was stopped and rows came behind it', async () => {
      const migrator = await begun(SLUG, [
        '-- @operation slug backfill\n',
        '-- @operation slug verify\n',
      ]);
      await world.database.query(`INSERT INTO users (id, name) VALUES (3, 'Bad'), (4, 'Linus')`);
      await world.database.query(`ALTER TABLE users ADD CONSTRAINT good CHECK (slug <> 'bad')`);
      await expect(migrator.up()).rejects.toMatchObject({
        code: 'ROWS_IN_THE_WAY',
        details: { keys: [['3']] },
      });
      await world.database.query(`UPDATE users SET name = 'Good' WHERE id = 3`);
      await world.database.query(`UPDATE users SET slug = NULL WHERE id = 1`);
      await migrator.up();
      expect(await slugs()).toEqual(['ada', 'grace', 'good', 'linus']);
      expect(await migrator.operations.list()).toMatchObject([{ state: 'verified', pending: 0 }]);
    });

    it('are in the way when no assignment brings them to it', async () => {
      const stubborn = backfill('slug', {
        table: 'users',
        set: { slug: `case when name <> 'Nobody' then lower(name) end` },
        where: 'slug is null',
      });
      const migrator = await begun(stubborn, [
        '-- @operation slug backfill\n',
        '-- @operation slug verify\n',
      ]);
      await world.database.query(`INSERT INTO users (id, name) VALUES (3, 'Nobody'), (4, 'Linus')`);
      await expect(migrator.up()).rejects.toMatchObject({
        code: 'ROWS_IN_THE_WAY',
        exitCode: 1,
        details: { pending: 1, sample: [['3']] },
      });
      expect(await slugs()).toEqual(['ada', 'grace', null, 'linus']);
      expect(await migrator.operations.list()).toMatchObject([{ state: 'backfilled' }]);
      await world.database.query(`UPDATE users SET name = 'Somebody' WHERE id = 3`);
      await migrator.up();
      expect(await slugs()).toEqual(['ada', 'grace', 'somebody', 'linus']);
    });

    it('are counted anew by a verification that was cut short before they were mended', async () => {
      const stubborn = backfill('slug', {
        table: 'users',
        set: { slug: 'slug' },
        where: 'slug is null',
      });
      const migrator = await begun(stubborn, [
        '-- @operation slug backfill\n',
        '-- @operation slug verify\n',
      ]);
      await expect(migrator.up()).rejects.toMatchObject({ details: { pending: 2 } });
      // As it stands when the runner dies behind the chunk that has counted them.
      await world.database.query(
        `UPDATE ${own(world.database, 'migration_progress')} SET finished_at = NULL WHERE pass = 'verify'`,
      );
      await world.database.query(`UPDATE users SET slug = 'x'`);
      await migrator.up();
      expect(await migrator.operations.list()).toMatchObject([{ state: 'verified', pending: 0 }]);
    });

    it('of two columns, or of a rule, are done as well', async () => {
      const operation = isPostgres
        ? renameColumn('op', { table: 'users', from: 'name', to: 'full_name' })
        : tightenNotNull('op', { table: 'users', column: 'slug', repair: { slug: "'none'" } });
      const expand = isPostgres ? `ALTER TABLE users ADD COLUMN full_name ${text};` : '';
      const migrator = await begun(operation, [
        `-- @operation op expand\n${expand}\n--> statement-breakpoint\n-- @operation op backfill\n`,
        '-- @operation op verify\n',
      ]);
      await pastTheTriggers(`INSERT INTO users (id, name) VALUES (3, 'Linus')`);
      await migrator.up();
      const column = isPostgres ? 'full_name' : 'slug';
      expect(await world.database.query(`SELECT ${column} AS c FROM users ORDER BY id`)).toEqual(
        (isPostgres ? ['Ada', 'Grace', 'Linus'] : ['none', 'none', 'none']).map((c) => ({ c })),
      );
    });

    it('of two columns are left to the user where both hold a value', async () => {
      const operation = renameColumn('op', { table: 'users', from: 'name', to: 'full_name' });
      const migrator = await begun(operation, [
        `-- @operation op expand\nALTER TABLE users ADD COLUMN full_name ${text};\n--> statement-breakpoint\n-- @operation op backfill\n`,
        '-- @operation op verify\n',
      ]);
      await pastTheTriggers(`UPDATE users SET full_name = 'Newer' WHERE id = 1`);
      await expect(migrator.up()).rejects.toMatchObject({
        code: 'ROWS_IN_THE_WAY',
        details: { pending: 1, sample: [['1']] },
        remedy: expect.stringContaining('nothing tells which is the newer') as unknown,
      });
      expect(await world.database.query('SELECT name, full_name FROM users WHERE id = 1')).toEqual([
        { name: 'Ada', full_name: 'Newer' },
      ]);
    });

    it('are not touched by contract, which refuses', async () => {
      const operation = isPostgres
        ? renameColumn('op', { table: 'users', from: 'name', to: 'full_name' })
        : tightenNotNull('op', { table: 'users', column: 'slug', repair: { slug: "'none'" } });
      const [expand, contract] = isPostgres
        ? [`ALTER TABLE users ADD COLUMN full_name ${text};`, 'ALTER TABLE users DROP COLUMN name;']
        : ['', `ALTER TABLE users MODIFY COLUMN slug ${text} NOT NULL;`];
      const migrator = await begun(operation, [
        `-- @operation op expand\n${expand}\n--> statement-breakpoint\n-- @operation op backfill\n-- @operation op verify\n`,
        `-- @operation op contract\n${contract}`,
      ]);
      await pastTheTriggers(`INSERT INTO users (id, name) VALUES (3, 'Linus')`);
      const column = isPostgres ? 'full_name' : 'slug';
      const third = `SELECT ${column} AS c FROM users WHERE id = 3`;
      await expect(migrator.up()).rejects.toMatchObject({
        code: 'ROWS_IN_THE_WAY',
        details: { pending: 1, sample: [['3']] },
      });
      expect(await world.database.query(third)).toEqual([{ c: null }]);
      await world.database.query(`UPDATE users SET ${column} = 'Linus' WHERE id = 3`);
      await migrator.up();
      expect(await migrator.operations.list()).toMatchObject([{ state: 'done' }]);
    });

    /** A writer that our triggers do not see: a subscriber's apply on Postgres; MySQL has none, so they are away. */
    async function pastTheTriggers(sql: string): Promise<void> {
      if (isPostgres) {
        await world.database.query(`SET session_replication_role = replica; ${sql}`);
        return;
      }
      const triggers = await world.database.query<{ name: string }>(
        `SELECT trigger_name AS name FROM information_schema.triggers WHERE trigger_schema = database()`,
      );
      for (const { name } of triggers) await world.database.query(`DROP TRIGGER ${name}`);
      await world.database.query(sql);
    }
  },
);
