import { fileURLToPath } from 'node:url';
import { createMigrator } from '../../src/index.js';
import { operations as mysqlOperations } from '../../samples/mysql/src/operations.js';
import { operations as postgresOperations } from '../../samples/postgres/src/operations.js';
import { dumpSchema } from '../journals/schema-dump.js';
import { stockMigrate } from '../journals/stock.js';
import { databases, servers, type TestDatabase } from '../servers/index.js';

const SAMPLES = {
  postgresql: { name: 'postgres', notes: '0005_order_notes', operations: postgresOperations },
  mysql: { name: 'mysql', notes: '0006_order_notes', operations: mysqlOperations },
} as const;

describe.each(databases)('the journal of the sample on $name', ({ server, dialect }) => {
  const { name, notes, operations } = SAMPLES[dialect];
  const folder = fileURLToPath(new URL(`../../samples/${name}/drizzle`, import.meta.url));
  const made: TestDatabase[] = [];
  let stock: string;

  const fresh = async (): Promise<TestDatabase> => {
    const database = await (await servers[server]()).createDatabase();
    made.push(database);
    return database;
  };
  const up = async ({ url }: TestDatabase, to?: string): Promise<void> => {
    const migrator = createMigrator({ database: { dialect, url }, migrations: folder, operations });
    try {
      await migrator.up(to === undefined ? {} : { to });
    } finally {
      await migrator.close();
    }
  };

  beforeAll(async () => {
    const database = await fresh();
    await stockMigrate(database.url, folder);
    stock = await dumpSchema(database.url);
  });
  afterAll(() => Promise.all(made.map((database) => database.drop())));

  it('gives an empty database the schema that stock migrate() gives it', async () => {
    const database = await fresh();
    await up(database);
    expect(stock).toMatch(/comment/);
    expect(await dumpSchema(database.url)).toBe(stock);
  });

  it('gives a database with orders the same schema, and keeps what they say', async () => {
    const database = await fresh();
    await up(database, notes);
    await database.query(
      `INSERT INTO orders (customer, note, channel) VALUES ('ada', 'ring twice', 'phone'), ('grace', NULL, NULL)`,
    );
    await up(database);
    expect(await dumpSchema(database.url)).toBe(stock);
    expect(
      await database.query('SELECT customer, comment, channel FROM orders ORDER BY id'),
    ).toEqual([
      { customer: 'ada', comment: 'ring twice', channel: 'phone' },
      { customer: 'grace', comment: null, channel: 'web' },
    ]);
  });
});
