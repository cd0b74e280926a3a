import { createMigrator } from '../../src/create-migrator.js';
import { databases, servers, type TestDatabase } from '../servers/index.js';
import { beyondStock, FIRST_MIGRATION } from './beyond-stock.js';
import { dumpRows, dumpSchema } from './schema-dump.js';
import { stockMigrate } from './stock.js';
import { type WrittenJournal, writeJournal } from './write-journal.js';

describe.each(databases)('on $name, a migration that stock cannot run', ({ server, dialect }) => {
  const cases = beyondStock.filter((one) => one.dialect === dialect);
  const created: TestDatabase[] = [];
  const journals: WrittenJournal[] = [];

  const freshDatabase = async (): Promise<TestDatabase> => {
    const database = await (await servers[server]()).createDatabase();
    created.push(database);
    return database;
  };
  const folderWith = async (sql: string): Promise<string> => {
    const journal = await writeJournal(
      [
        { tag: '0000_first', sql: FIRST_MIGRATION },
        { tag: '0001_special', sql },
      ],
      { dialect },
    );
    journals.push(journal);
    return journal.folder;
  };
  const up = async (url: string, migrations: string): Promise<readonly string[]> => {
    const migrator = createMigrator({ database: { dialect, url }, migrations });
    try {
      return (await migrator.up()).applied.map(({ tag }) => tag);
    } finally {
      await migrator.close();
    }
  };

  afterAll(async () => {
    await Promise.all(created.map((database) => database.drop()));
    await Promise.all(journals.map((journal) => journal.remove()));
  });

  it.each(cases)('$name: has the effect of its statements', async ({ sql, plain }) => {
    const expected = await freshDatabase();
    for (const statement of [FIRST_MIGRATION, ...plain]) await expected.query(statement);

    const database = await freshDatabase();
    const folder = await folderWith(sql);
    expect(await up(database.url, folder)).toEqual(['0000_first', '0001_special']);
    expect(await dumpSchema(database.url)).toBe(await dumpSchema(expected.url));
    expect(await dumpRows(database.url)).toBe(await dumpRows(expected.url));
    await stockMigrate(database.url, folder);
    expect(await up(database.url, folder)).toEqual([]);
  });

  it.each(cases)('$name: stock does fail on it', async ({ sql }) => {
    const database = await freshDatabase();
    await expect(stockMigrate(database.url, await folderWith(sql))).rejects.toThrow(
      /^Failed query/,
    );
  });

  it('of 20 MB runs, which stock can', async () => {
    const megabyte = 'x'.repeat(1024 * 1024);
    const sql = Array.from(
      { length: 20 },
      (_, id) => `INSERT INTO big (id, body) VALUES (${id}, '${megabyte}');`,
    ).join('\n--> statement-breakpoint\n');
    const body = dialect === 'mysql' ? 'longtext' : 'text';
    const database = await freshDatabase();
    await up(
      database.url,
      await folderWith(
        `CREATE TABLE big (id integer, body ${body});\n--> statement-breakpoint\n${sql}`,
      ),
    );
    const [sum] = await database.query('select sum(length(body)) as bytes from big');
    expect(sum).toEqual({ bytes: String(20 * 1024 * 1024) });
  });
});
