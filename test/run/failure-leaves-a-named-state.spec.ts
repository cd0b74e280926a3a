import { kinds } from '../servers/index.js';
import { ledgerCount, migratorWorld, type MigratorWorld } from '../migrator/migrator-world.js';

const SECRET = 'canary-5f1c';

const MIGRATIONS = [
  { tag: '0000_init', sql: 'CREATE TABLE people (id int PRIMARY KEY, name varchar(40) UNIQUE);' },
  {
    tag: '0001_broken',
    sql: `CREATE TABLE a (id int);--> statement-breakpoint\nINSERT INTO people VALUES (1, '${SECRET}');--> statement-breakpoint\nINSERT INTO people VALUES (2, '${SECRET}');--> statement-breakpoint\nCREATE TABLE b (id int);`,
  },
  { tag: '0002_after', sql: 'CREATE TABLE c (id int);' },
];
const MENDED = MIGRATIONS[1]!.sql.replace(`(2, '${SECRET}')`, `(2, 'other')`);

describe.each(kinds)('a failing migration on $name', ({ server, dialect }) => {
  let world: MigratorWorld;
  beforeEach(async () => {
    world = await migratorWorld(server, MIGRATIONS);
  });
  afterEach(() => world.close());

  it('says where, what is applied and what comes next, and nothing of the data', async () => {
    const migrator = world.migrator();
    const error: unknown = await migrator.up().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'MIGRATION_FAILED',
      exitCode: 1,
      place: { migration: '0001_broken', statement: 3, statements: 4, line: 3 },
    });
    expect(JSON.stringify([error, migrator.events])).not.toContain(SECRET);
    expect(await ledgerCount(world)).toBe(1);
    const status = await migrator.status();
    expect(status.migrations[1]).toMatchObject({
      verdict: 'pending',
      attempt: {
        state: 'failed',
        errorCode: 'MIGRATION_FAILED',
        inFlight: null,
        cursor: dialect === 'mysql' ? 1 : 0,
      },
    });
    expect(status.migrations[2]).toMatchObject({ verdict: 'pending', attempt: null });
  });

  it('goes on after the file was mended, each effect once', async () => {
    const migrator = world.migrator();
    await expect(migrator.up()).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
    await world.journal.edit('0001_broken', MENDED);
    const result = await migrator.up();
    expect(result.applied.map(({ tag, resumedFrom }) => [tag, resumedFrom])).toEqual([
      ['0001_broken', dialect === 'mysql' ? 1 : 0],
      ['0002_after', 0],
    ]);
    expect(await world.database.query('SELECT id FROM people ORDER BY id')).toHaveLength(2);
    expect(await ledgerCount(world)).toBe(3);
  });
});
