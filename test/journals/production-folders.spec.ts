import { createMigrator } from '../../src/create-migrator.js';
import { databases, servers, type TestDatabase } from '../servers/index.js';
import { toFolderLayout } from './convert.js';
import { productionFolders } from './fixtures.js';
import { dumpRows, dumpSchema } from './schema-dump.js';
import { stockMigrate } from './stock.js';
import type { WrittenJournal } from './write-journal.js';

/** Set by triggers and defaults to the time of the run. */
const EXCEPT = { exceptColumns: ['updated_at'] };

describe.each(databases)('a production folder on $name', ({ server, dialect }) => {
  const journalLayout = productionFolders[dialect];
  const created: TestDatabase[] = [];
  let folderLayout: WrittenJournal;
  let expected: string;

  const freshDatabase = async (): Promise<TestDatabase> => {
    const database = await (await servers[server]()).createDatabase();
    created.push(database);
    return database;
  };
  const everything = async ({ url }: TestDatabase): Promise<string> =>
    `${await dumpSchema(url)}\n${await dumpRows(url, EXCEPT)}`;
  const ledger = (database: TestDatabase): Promise<object[]> =>
    database.query(
      `select * from ${dialect === 'mysql' ? '' : 'drizzle.'}__drizzle_migrations order by id`,
    );
  const up = async ({ url }: TestDatabase, migrations: string): Promise<readonly string[]> => {
    const migrator = createMigrator({ database: { dialect, url }, migrations });
    try {
      return (await migrator.up()).applied.map(({ tag }) => tag);
    } finally {
      await migrator.close();
    }
  };

  beforeAll(async () => {
    folderLayout = await toFolderLayout(journalLayout);
    const stock = await freshDatabase();
    await stockMigrate(stock.url, journalLayout);
    expected = await everything(stock);
  });
  afterAll(async () => {
    await Promise.all(created.map((database) => database.drop()));
    await folderLayout.remove();
  });

  it.each(['0.45', 'rc'] as const)(
    'gives the schema and rows that stock %s gives, and stock after it does nothing',
    async (line) => {
      const folder = line === '0.45' ? journalLayout : folderLayout.folder;
      const database = await freshDatabase();
      expect(await up(database, folder)).toHaveLength(folderLayout.names.length);
      expect(await everything(database)).toBe(expected);

      const rows = await ledger(database);
      await stockMigrate(database.url, folder, line);
      expect(await ledger(database)).toEqual(rows);
      expect(await everything(database)).toBe(expected);
    },
  );

  it.each(['0.45', 'rc'] as const)(
    'is complete for us when stock %s has applied it',
    async (line) => {
      const folder = line === '0.45' ? journalLayout : folderLayout.folder;
      const database = await freshDatabase();
      await stockMigrate(database.url, folder, line);
      const rows = await ledger(database);
      expect(await up(database, folder)).toEqual([]);
      expect(await ledger(database)).toEqual(rows);
    },
  );
});
