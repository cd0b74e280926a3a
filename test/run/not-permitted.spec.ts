import { MigratorError } from '../../src/errors.js';
import { migratorWorld } from '../migrator/migrator-world.js';
import { kinds } from '../servers/index.js';

const CASES = {
  postgresql: [
    'CREATE TABLE made (id int REFERENCES mine)',
    'INSERT INTO mine VALUES (2)',
    'TRUNCATE mine',
    'CREATE VIEW seen AS SELECT 1 AS one',
  ],
  mysql: [
    'ALTER TABLE mine ADD COLUMN b int',
    'DROP TABLE mine',
    'TRUNCATE mine',
    'CREATE VIEW seen AS SELECT 1 AS one',
    'CREATE PROCEDURE done() SELECT 1',
  ],
} as const;

describe.each(kinds)('a statement that the role may not run on $name', ({ server, dialect }) => {
  it.each(CASES[dialect])('%s: goes through after the GRANT of the remedy', async (sql) => {
    const world = await migratorWorld(server, [{ tag: '0000_refused', sql }]);
    const { database } = world;
    await database.query('CREATE TABLE mine (id int PRIMARY KEY)');
    const user = await database.createUser((name) =>
      dialect === 'mysql'
        ? [`GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, INDEX ON ${database.name}.* TO ${name}`]
        : [`GRANT CREATE ON DATABASE ${database.name} TO ${name}`],
    );
    const migrator = world.migrator({ database: { dialect, url: user.url } });
    const error = await migrator.up().catch((thrown: unknown) => thrown);
    if (!(error instanceof MigratorError)) throw new TypeError('was not refused');
    expect(error).toMatchObject({
      code: 'MIGRATION_NOT_PERMITTED',
      exitCode: 1,
      place: { migration: '0000_refused', statement: 1, line: 1 },
    });
    const { grants } = error.details as { readonly grants: readonly string[] };
    expect(grants).not.toEqual([]);
    for (const grant of grants) {
      expect(error.remedy).toContain(grant);
      await database.query(grant);
    }
    expect((await migrator.up()).applied).toHaveLength(1);
    await migrator.close();
    await user.drop();
    await world.close();
  });
});

it('only the owner may alter a table of Postgres: the remedy says whom to ask, and nothing of the statement', async () => {
  const world = await migratorWorld('postgres18', [
    { tag: '0000_refused', sql: "ALTER TABLE mine ADD COLUMN b text DEFAULT 'canary-5f1c'" },
  ]);
  await world.database.query('CREATE TABLE mine (id int)');
  const user = await world.database.createUser((name) => [
    `GRANT CREATE ON DATABASE ${world.database.name} TO ${name}`,
  ]);
  const migrator = world.migrator({ database: { dialect: 'postgresql', url: user.url } });
  const error = await migrator.up().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'MIGRATION_NOT_PERMITTED',
    details: { role: user.name, grants: [] },
    remedy: expect.stringMatching(
      /^Only the owner of "mine" may .*, then run nest-migrate up again\.$/,
    ),
  });
  expect(JSON.stringify(error)).not.toContain('canary');
  await migrator.close();
  await user.drop();
  await world.close();
});
