import { afterEach, describe, expect, it } from '@jest/globals';
import { renameColumn, tightenNotNull, type Operation } from '../../src/index.js';
import { migratorWorld, type MigratorWorld } from './migrator-world.js';

const NAME = 'users-full-name';

/** Issue 3, bad input: a refusal before anything is touched, whatever stands before it in the same run. */
describe.each(['postgres18', 'mariadb'] as const)(
  'an operation that cannot be run on %s',
  (server) => {
    let world: MigratorWorld;
    afterEach(() => world.close());
    const text = server === 'mariadb' ? 'varchar(100)' : 'text';

    /** A database with data whose next run begins with a harmless migration and goes on to the operation. */
    async function refusal(
      operations: readonly Operation[],
      line: string,
      create = `CREATE TABLE users (id int PRIMARY KEY, name ${text} NOT NULL)`,
    ): Promise<Record<string, unknown>> {
      world = await migratorWorld(server, [
        { tag: '0000_init', sql: create },
        { tag: '0001_harmless', sql: 'CREATE TABLE harmless (id int)' },
        { tag: '0002_operation', sql: line },
      ]);
      await world.migrator().up({ to: '0000_init' });
      const migrator = world.migrator({ operations });
      // A mistake in the file is thrown, what speaks against running it is in the result.
      const planned: unknown = await migrator.plan().then(
        ({ refusals }) => refusals[0],
        (error: unknown) => error,
      );
      const thrown: unknown = await migrator.up().catch((error: unknown) => error);
      const tables = await world.database.query(
        `SELECT table_name AS name FROM information_schema.tables WHERE table_name = 'harmless'`,
      );
      expect(tables).toEqual([]);
      expect(planned).toMatchObject({ code: (thrown as { code: string }).code });
      return (thrown as { toJSON(): Record<string, unknown> }).toJSON();
    }

    const rename = renameColumn(NAME, { table: 'users', from: 'name', to: 'full_name' });
    const expand = `-- @operation ${NAME} expand\nALTER TABLE users ADD COLUMN full_name ${text}`;

    it.each([
      [
        'is called a phase too early',
        'OPERATION_OUT_OF_ORDER',
        [rename],
        `-- @operation ${NAME} contract\nALTER TABLE users DROP COLUMN name`,
      ],
      [
        'covers a statement of another phase',
        'OPERATION_MISMATCH',
        [rename],
        `-- @operation ${NAME} expand\nALTER TABLE users DROP COLUMN name`,
      ],
      [
        'covers a statement of another table',
        'OPERATION_MISMATCH',
        [rename],
        `-- @operation ${NAME} expand\nALTER TABLE others ADD COLUMN full_name ${text}`,
      ],
      ['is registered nowhere', 'UNKNOWN_OPERATION', [], expand],
      [
        'names a column that does not exist',
        'OPERATION_REFUSED',
        [renameColumn(NAME, { table: 'users', from: 'nmae', to: 'full_name' })],
        expand,
      ],
      [
        'names a table that does not exist',
        'OPERATION_REFUSED',
        [tightenNotNull(NAME, { table: 'usres', column: 'name' })],
        `-- @operation ${NAME} expand`,
      ],
    ] as const)('%s', async (_what, code, operations, line) => {
      expect(await refusal(operations, line)).toMatchObject({ code });
    });

    it('has no key to go through its rows by', async () => {
      const error = await refusal([rename], expand, `CREATE TABLE users (id int, name ${text})`);
      expect(error).toMatchObject({ code: 'OPERATION_REFUSED' });
    });

    it('is shown by plan with what it will do, when nothing speaks against it', async () => {
      world = await migratorWorld(server, [
        { tag: '0000_init', sql: `CREATE TABLE users (id int PRIMARY KEY, name ${text} NOT NULL)` },
        { tag: '0001_operation', sql: `${expand};\n-- @operation ${NAME} backfill` },
      ]);
      await world.migrator().up({ to: '0000_init' });
      const { migrations, refusals } = await world
        .migrator({ operations: [rename] })
        .plan({ sql: true });
      expect(refusals).toEqual([]);
      const [first, second] = migrations[0]?.statements ?? [];
      expect(first?.summary).toMatch(
        /^operation users-full-name expand in place of statement 1: \S/,
      );
      expect(first?.sql?.toLowerCase()).toContain('create trigger');
      expect(first?.locks.length).toBeGreaterThan(0);
      expect(second?.summary).toBe(
        'operation users-full-name backfill (after the phases before it)',
      );
    });
  },
);
