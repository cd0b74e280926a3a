import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMigrator } from '../../src/index.js';
import { dumpRows, dumpSchema } from '../journals/schema-dump.js';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { databases, servers, type DatabaseServer, type TestDatabase } from '../servers/index.js';
import { own } from './consistent-ledger.js';
import { describePoint, distinct, each, firstDifference, type CrashPoint } from './crash-points.js';
import { statements } from './fault-world.js';
import { runToEnd, type Outcome } from './runner-process.js';

const STAYS = '0000_init';

/** Tables, columns, an index outside transactions, and rows that count how often something ran. */
function migrations(dialect: 'postgresql' | 'mysql') {
  const dropIndex =
    dialect === 'mysql' ? 'DROP INDEX total ON orders' : 'DROP INDEX CONCURRENTLY total';
  return [
    {
      tag: STAYS,
      sql: statements(
        'CREATE TABLE orders (id int PRIMARY KEY, total int)',
        'INSERT INTO orders VALUES (1, 10), (2, 20)',
      ),
    },
    {
      tag: '0001_index',
      sql: statements(
        'CREATE INDEX total ON orders (total)',
        'ALTER TABLE orders ADD COLUMN a int',
      ),
      down: statements(
        'UPDATE orders SET total = total + 1',
        dropIndex,
        'UPDATE orders SET total = total + 10',
        'ALTER TABLE orders DROP COLUMN a',
      ),
    },
    {
      tag: '0002_tables',
      sql: statements(
        'CREATE TABLE one (id int PRIMARY KEY)',
        'CREATE TABLE two (id int PRIMARY KEY)',
      ),
      down: statements('DROP TABLE two', 'UPDATE orders SET total = total + 100', 'DROP TABLE one'),
    },
  ];
}

interface End {
  readonly schema: string;
  readonly rows: string;
  readonly ledger: string;
}

/** Defends promise 1 for the way back: kill -9 at any point, run again, the same end; no row of a down file twice, none left out. */
describe.each(databases)('a way back whose runner is killed on $name', ({ server, dialect }) => {
  let on: DatabaseServer;
  let journal: WrittenJournal;
  let points: readonly CrashPoint[];
  let end: End;

  beforeAll(async () => {
    on = await servers[server]();
    journal = await writeJournal(migrations(dialect), { dialect });
    const log = join(tmpdir(), `points-${randomUUID()}`);
    try {
      await withDatabase(async (database) => {
        const { exitCode, document } = await run(database, { DIE_LOG: log });
        if (exitCode !== 0)
          throw new Error(`down itself fails: ${JSON.stringify(document?.error)}`);
        const lines = (await readFile(log, 'utf8')).trim().split('\n');
        points = distinct(lines.map((line) => JSON.parse(line) as CrashPoint)).filter(
          ({ sql }) => !/^\s*(?:select|show|set)\b/i.test(sql),
        );
        end = await endOf(database);
      });
    } finally {
      await rm(log, { force: true });
    }
  });
  afterAll(() => journal.remove());

  it('ends as it would have ended', async () => {
    const wrong = await each(points, 3, (point) =>
      withDatabase(async (database) => {
        await run(database, { DIE_AT: String(point.n) });
        const again = await run(database, {});
        if (again.exitCode !== 0)
          return [`${describePoint(point)}: exit ${again.exitCode} ${again.stderr.slice(-900)}`];
        const now = await endOf(database);
        return (['schema', 'rows', 'ledger'] as const)
          .filter((part) => now[part] !== end[part])
          .map(
            (part) => `${describePoint(point)}: ${part} ${firstDifference(end[part], now[part])}`,
          );
      }),
    );
    expect(wrong.flat()).toEqual([]);
    expect(points.length).toBeGreaterThan(15);
    expect(end.ledger).toBe('1');
  }, 900_000);

  function run(database: TestDatabase, env: Readonly<Record<string, string>>): Promise<Outcome> {
    return runToEnd({
      url: database.url,
      folder: journal.folder,
      args: ['down', '--to', STAYS],
      preload: ['die-at.mjs'],
      env,
    });
  }

  async function withDatabase<T>(work: (database: TestDatabase) => Promise<T>): Promise<T> {
    const database = await on.createDatabase();
    const migrator = createMigrator({
      database: { dialect, url: database.url },
      migrations: journal.folder,
    });
    try {
      await migrator.up();
      return await work(database);
    } finally {
      await migrator.close();
      await database.drop();
    }
  }

  async function endOf(database: TestDatabase): Promise<End> {
    const [schema, rows, ledger] = await Promise.all([
      dumpSchema(database.url),
      dumpRows(database.url),
      database.query<{ readonly n: string | number }>(
        `SELECT count(*) AS n FROM ${own(database, '__drizzle_migrations')}`,
      ),
    ]);
    return { schema, rows, ledger: String(ledger[0]?.n) };
  }
});
