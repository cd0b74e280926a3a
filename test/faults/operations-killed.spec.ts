import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMigrator } from '../../src/index.js';
import { dumpRows, dumpSchema } from '../journals/schema-dump.js';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { databases, servers, type DatabaseServer, type TestDatabase } from '../servers/index.js';
import { describePoint, distinct, each, firstDifference, type CrashPoint } from './crash-points.js';
import { own } from './consistent-ledger.js';
import { statements } from './fault-world.js';
import { runToEnd, type Outcome } from './runner-process.js';

const INIT = '0000_init';
/** What changes anything; the fenced writes on Postgres begin with WITH. */
const WRITES =
  /^\s*(?:--|with|create|alter|drop|insert|update|delete|commit|lock|unlock|rename)\b/i;

/** A rename, a NOT NULL and a backfill that counts: whatever is done twice or not at all shows in the rows. */
function migrations(dialect: 'postgresql' | 'mysql') {
  const text = dialect === 'mysql' ? 'varchar(50)' : 'text';
  const rows =
    dialect === 'mysql'
      ? `INSERT INTO orders (id, note, total) WITH RECURSIVE g (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < 60) SELECT n, concat('note ', n), if(n % 3 = 0, NULL, n) FROM g`
      : `INSERT INTO orders (id, note, total) SELECT n, 'note ' || n, nullif(n, n / 3 * 3) FROM generate_series(1, 60) n`;
  const notNull =
    dialect === 'mysql'
      ? 'ALTER TABLE orders MODIFY COLUMN total int NOT NULL'
      : 'ALTER TABLE orders ALTER COLUMN total SET NOT NULL';
  return [
    {
      tag: INIT,
      sql: statements(
        `CREATE TABLE orders (id int PRIMARY KEY, note ${text}, total int, visits int NOT NULL DEFAULT 0)`,
        rows,
      ),
    },
    {
      tag: '0001_begin',
      sql: `-- @operation rename expand\nALTER TABLE orders ADD COLUMN remark ${text};\n--> statement-breakpoint\n-- @operation rename backfill\n-- @operation rename verify\n-- @operation not-null expand\n-- @operation not-null backfill\n-- @operation not-null verify\n-- @operation once backfill\n`,
    },
    {
      tag: '0002_end',
      sql: `-- @operation rename contract\nALTER TABLE orders DROP COLUMN note;\n--> statement-breakpoint\n-- @operation not-null contract\n${notNull};`,
    },
  ];
}

interface EndState {
  readonly schema: string;
  readonly rows: string;
  readonly states: string;
}

/** Defends promise 1 for operations: kill -9 at any point, run again, the same end state; no row twice, none left out. */
describe.each(databases)('operations whose runner is killed on $name', ({ server, dialect }) => {
  let on: DatabaseServer;
  let journal: WrittenJournal;
  let points: readonly CrashPoint[];
  let end: EndState;

  beforeAll(async () => {
    on = await servers[server]();
    journal = await writeJournal(migrations(dialect), { dialect });
    const log = join(tmpdir(), `points-${randomUUID()}`);
    try {
      await withDatabase(async (database) => {
        const outcome = await run(database, { DIE_LOG: log });
        if (outcome.exitCode !== 0)
          throw new Error(`the operations fail: ${JSON.stringify(outcome.document?.error)}`);
        const lines = (await readFile(log, 'utf8')).trim().split('\n');
        // Behind a question the database is as it was before it: what is asked is left out, there is much of it.
        points = distinct(lines.map((line) => JSON.parse(line) as CrashPoint)).filter(({ sql }) =>
          WRITES.test(sql),
        );
        end = await endState(database);
      });
    } finally {
      await rm(log, { force: true });
    }
  });
  afterAll(() => journal.remove());

  it('end as they would have ended', async () => {
    expect(end.states).toBe('not-null done, once backfilled, rename done');
    const recovered = await each(points, 3, (point) =>
      withDatabase((database) => recover(database, point)),
    );
    expect(recovered.filter((wrong) => wrong !== null)).toEqual([]);
    expect(points.length).toBeGreaterThan(60);
  }, 900_000);

  async function recover(database: TestDatabase, point: CrashPoint): Promise<string | null> {
    await run(database, { DIE_AT: String(point.n) });
    const again = await run(database, {});
    if (again.exitCode !== 0)
      return `${describePoint(point)}: exit ${again.exitCode} ${again.stderr.slice(-1500)}`;
    const now = await endState(database);
    for (const part of ['schema', 'rows', 'states'] as const) {
      if (now[part] !== end[part]) {
        return `${describePoint(point)}: ${part} differ: ${firstDifference(end[part], now[part])}`;
      }
    }
    return null;
  }

  function run(database: TestDatabase, env: Readonly<Record<string, string>>): Promise<Outcome> {
    return runToEnd({
      url: database.url,
      folder: journal.folder,
      program: 'up-operations.mjs',
      preload: ['die-at.mjs'],
      env: { DIE_ANYWHERE: 'yes', ...env },
    });
  }

  /** With the table and its rows, so that the operations are not just their statements. */
  async function withDatabase<T>(work: (database: TestDatabase) => Promise<T>): Promise<T> {
    const database = await on.createDatabase();
    const migrator = createMigrator({
      database: { dialect, url: database.url },
      migrations: journal.folder,
    });
    try {
      await migrator.up({ to: INIT });
      return await work(database);
    } finally {
      await migrator.close();
      await database.drop();
    }
  }

  async function endState(database: TestDatabase): Promise<EndState> {
    const [schema, rows, states] = await Promise.all([
      dumpSchema(database.url),
      dumpRows(database.url),
      database.query<{ readonly id: string; readonly state: string }>(
        `SELECT id, state FROM ${own(database, 'migration_operations')} ORDER BY id`,
      ),
    ]);
    return { schema, rows, states: states.map(({ id, state }) => `${id} ${state}`).join(', ') };
  }
});
