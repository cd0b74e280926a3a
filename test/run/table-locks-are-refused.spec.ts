import { migratorWorld, type MigratorWorld } from '../migrator/migrator-world.js';
import { databases } from '../servers/index.js';

const FIRST = { tag: '0000_first', sql: 'CREATE TABLE x (id int);' };
const SECOND = '0001_locks';

/** Promise 2: a lock that the file asks for is there, or the file does not run. Without the refusal each of them was measured to fail or to hold nothing. */
describe.each(databases.filter(({ dialect }) => dialect === 'mysql'))(
  'a migration that locks tables for the session on $name',
  ({ server, flavour }) => {
    let world: MigratorWorld;
    const pending = async (sql: string): Promise<void> => {
      world = await migratorWorld(server, [FIRST, { tag: SECOND, sql }]);
    };
    afterEach(() => world.close());

    it.each([
      ['CREATE TABLE y (id int);\nLOCK TABLES x WRITE;\nINSERT INTO x VALUES (1);\nUNLOCK TABLES;'],
      ['CREATE TABLE y (id int);\nFLUSH TABLES WITH READ LOCK;\nUNLOCK TABLES;'],
      ['CREATE TABLE y (id int);\nFLUSH TABLES x FOR EXPORT;\nUNLOCK TABLES;'],
      ...(flavour === 'mariadb'
        ? [['CREATE TABLE y (id int);\nBACKUP LOCK x;\nBACKUP UNLOCK;']]
        : []),
    ])('is refused before anything is touched: %j', async (sql) => {
      await pending(sql);
      const migrator = world.migrator();
      const error: unknown = await migrator.up().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'STATEMENT_REFUSED',
        exitCode: 4,
        place: { migration: SECOND, statement: 2, line: 2 },
        state: 'Nothing was executed.',
        remedy: expect.stringContaining('Delete') as string,
      });
      expect(await world.database.query('SHOW TABLES')).toEqual([]);
    });

    it('runs when it is written as the remedy says', async () => {
      await pending(
        'START TRANSACTION; SELECT * FROM x FOR UPDATE; INSERT INTO x VALUES (1); COMMIT;',
      );
      expect((await world.migrator().up()).applied).toHaveLength(2);
      expect(await world.database.query('SELECT id FROM x')).toEqual([{ id: 1 }]);
    });

    it('is no obstacle where it was applied before', async () => {
      await pending('CREATE TABLE y (id int);');
      await world.migrator().up();
      await world.journal.edit(
        SECOND,
        'CREATE TABLE y (id int); LOCK TABLES y WRITE; UNLOCK TABLES;',
      );
      await world.journal.add({ tag: '0002_third', sql: 'CREATE TABLE z (id int);' });
      const { applied } = await world.migrator({ policies: { edited: 'warn' } }).up();
      expect(applied.map(({ tag }) => tag)).toEqual(['0002_third']);
    });
  },
);
