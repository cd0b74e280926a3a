import { afterEach, describe, expect, it } from '@jest/globals';
import { renameColumn } from '../../src/index.js';
import { migratorWorld, type MigratorWorld } from './migrator-world.js';

const NAME = 'users-full-name';
const operation = renameColumn(NAME, { table: 'users', from: 'name', to: 'full_name' });

/** What Drizzle Kit generates over two releases, with the lines that a team adds. */
function migrations(dialect: 'postgresql' | 'mysql') {
  const text = dialect === 'mysql' ? 'varchar(100)' : 'text';
  const id = dialect === 'mysql' ? 'int auto_increment' : 'serial';
  return [
    { tag: '0000_init', sql: `CREATE TABLE users (id ${id} PRIMARY KEY, name ${text} NOT NULL);` },
    {
      tag: '0001_expand',
      sql: `-- @operation ${NAME} expand\nALTER TABLE users ADD COLUMN full_name ${text};\n--> statement-breakpoint\n-- @operation ${NAME} backfill\n-- @operation ${NAME} verify\n`,
    },
    {
      tag: '0002_contract',
      sql: `-- @operation ${NAME} contract\nALTER TABLE users DROP COLUMN name;`,
    },
  ];
}

/** DESIGN 8: the kit says what, the operation says how. */
describe.each(['postgres18', 'postgres15', 'mysql', 'mariadb'] as const)(
  'a column renamed over three releases on %s',
  (server) => {
    let world: MigratorWorld;
    afterEach(() => world.close());

    async function begun(): Promise<void> {
      world = await migratorWorld(
        server,
        migrations(server.startsWith('postgres') ? 'postgresql' : 'mysql'),
      );
      await world.migrator().up({ to: '0000_init' });
      await world.database.query(`INSERT INTO users (name) VALUES ('Ada'), ('Grace')`);
    }

    const rows = (columns: string): Promise<readonly object[]> =>
      world.database.query(`SELECT ${columns} FROM users ORDER BY id`);

    it('keeps both columns equal while two versions write, and drops the old one at the end', async () => {
      await begun();
      const migrator = world.migrator({ operations: [operation] });
      const expanded = await migrator.up({ to: '0001_expand' });
      expect(expanded.applied.map(({ tag }) => tag)).toEqual(['0001_expand']);
      expect(await migrator.operations.list()).toMatchObject([
        {
          name: NAME,
          kind: 'rename-column',
          state: 'verified',
          definition: 'registered',
          pending: 0,
        },
      ]);
      expect(migrator.operations.phase(NAME)).toBeNull();
      migrator.readiness.start();
      await migrator.readiness.refreshed();
      expect(migrator.operations.phase(NAME)).toBe('verified');
      expect(() => migrator.operations.phase('no-such')).toThrow('No operation named no-such');
      // The old application knows one column, the new one the other.
      await world.database.query(`INSERT INTO users (name) VALUES ('Old')`);
      await world.database.query(`INSERT INTO users (full_name) VALUES ('New')`);
      await world.database.query(`UPDATE users SET full_name = 'Ada L.' WHERE name = 'Ada'`);
      await world.database.query(`UPDATE users SET name = 'Grace H.' WHERE full_name = 'Grace'`);
      const both = ['Ada L.', 'Grace H.', 'Old', 'New'];
      expect(await rows('name, full_name')).toEqual(
        both.map((value) => ({ name: value, full_name: value })),
      );
      await migrator.up();
      expect(await rows('*')).toEqual(
        both.map((value, index) => ({ id: index + 1, full_name: value })),
      );
      expect(await migrator.operations.list()).toMatchObject([{ name: NAME, state: 'done' }]);
      // Nobody is left who would fire.
      await world.database.query(`INSERT INTO users (full_name) VALUES ('Last')`);
      expect((await migrator.up()).outcome).toBe('nothing-to-do');
    });

    it('is simply run on an empty database, where no definition is needed', async () => {
      world = await migratorWorld(
        server,
        migrations(server.startsWith('postgres') ? 'postgresql' : 'mysql'),
      );
      const migrator = world.migrator();
      expect((await migrator.up()).applied).toHaveLength(3);
      expect(await rows('*')).toEqual([]);
      expect(await migrator.operations.list()).toEqual([]);
    });

    it('refuses contract before the rows are verified, and a definition that has changed', async () => {
      await begun();
      const files = migrations(world.dialect);
      await world.close();
      world = await migratorWorld(server, [
        files[0] ?? never(),
        {
          tag: '0001_expand',
          sql: (files[1]?.sql ?? '').replace(/-- @operation \S+ (backfill|verify)\n/g, ''),
        },
        files[2] ?? never(),
      ]);
      await world.migrator().up({ to: '0000_init' });
      await world.database.query(`INSERT INTO users (name) VALUES ('Ada')`);
      const migrator = world.migrator({ operations: [operation] });
      await migrator.up({ to: '0001_expand' });
      await expect(migrator.up()).rejects.toMatchObject({
        code: 'OPERATION_OUT_OF_ORDER',
        exitCode: 7,
      });
      const changed = renameColumn(NAME, {
        table: 'users',
        from: 'name',
        to: 'full_name',
        onConflict: 'prefer-new',
      });
      await expect(world.migrator({ operations: [changed] }).up()).rejects.toMatchObject({
        code: 'OPERATION_CHANGED',
        exitCode: 4,
      });
      await expect(world.migrator().up()).rejects.toMatchObject({ code: 'UNKNOWN_OPERATION' });
      expect(await rows('name')).toEqual([{ name: 'Ada' }]);
    });

    it('is taken back to the table as it was', async () => {
      await begun();
      const migrator = world.migrator({ operations: [operation] });
      await migrator.up({ to: '0001_expand' });
      await world.database.query(`INSERT INTO users (full_name) VALUES ('New')`);
      expect(await migrator.operations.undo(NAME)).toMatchObject({ name: NAME, from: 'verified' });
      expect((await rows('*')).map((row) => Object.keys(row))).toEqual([
        ['id', 'name'],
        ['id', 'name'],
        ['id', 'name'],
      ]);
      await expect(migrator.operations.undo(NAME)).rejects.toMatchObject({
        code: 'OPERATION_REFUSED',
      });
    });
  },
);

function never(): never {
  throw new Error('no such migration');
}
