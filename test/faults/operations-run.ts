import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMigrator } from '../../src/index.js';
import { dumpRows, dumpSchema } from '../journals/schema-dump.js';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import type { DatabaseServer, TestDatabase } from '../servers/index.js';
import { distinct, firstDifference, type CrashPoint } from './crash-points.js';
import { own } from './consistent-ledger.js';
import { statements } from './fault-world.js';
import { RunnerProcess, type Outcome } from './runner-process.js';

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

/** What a database has come to. */
export interface OperationsEnd {
  readonly schema: string;
  readonly rows: string;
  readonly states: string;
}

/** Operations in a process of their own, every point of their conversation with the server, and what they come to undisturbed. */
export class OperationsRun {
  private constructor(
    readonly server: DatabaseServer,
    readonly journal: WrittenJournal,
    /** Where the database is left in different states. */
    readonly points: readonly CrashPoint[],
    readonly end: OperationsEnd,
  ) {}

  static async undisturbed(server: DatabaseServer): Promise<OperationsRun> {
    const journal = await writeJournal(migrations(server.dialect), { dialect: server.dialect });
    const log = join(tmpdir(), `points-${randomUUID()}`);
    const first = new OperationsRun(server, journal, [], { schema: '', rows: '', states: '' });
    try {
      return await first.withDatabase(async (database) => {
        const outcome = await first.start(database, { DIE_LOG: log }).finished;
        if (outcome.exitCode !== 0)
          throw new Error(`the operations fail: ${JSON.stringify(outcome.document?.error)}`);
        const lines = (await readFile(log, 'utf8')).trim().split('\n');
        // Behind a question the database is as it was before it: what is asked is left out, there is much of it.
        const points = distinct(lines.map((line) => JSON.parse(line) as CrashPoint));
        return new OperationsRun(
          server,
          journal,
          points.filter(({ sql }) => WRITES.test(sql)),
          await endOf(database),
        );
      });
    } finally {
      await rm(log, { force: true });
    }
  }

  /** A runner of them, with what is to happen to it in its environment (processes/die-at.mjs). */
  start(database: TestDatabase, env: Readonly<Record<string, string>> = {}): RunnerProcess {
    return new RunnerProcess({
      url: database.url,
      folder: this.journal.folder,
      program: 'up-operations.mjs',
      preload: ['die-at.mjs'],
      env: { DIE_ANYWHERE: 'yes', ...env },
    });
  }

  /** With the table and its rows, so that the operations are not just their statements. */
  async withDatabase<T>(work: (database: TestDatabase) => Promise<T>): Promise<T> {
    const database = await this.server.createDatabase();
    const migrator = createMigrator({
      database: { dialect: this.server.dialect, url: database.url },
      migrations: this.journal.folder,
    });
    try {
      await migrator.up({ to: INIT });
      return await work(database);
    } finally {
      await migrator.close();
      await database.drop();
    }
  }

  /** Runs again; null = it came to the same end. */
  async recovered(database: TestDatabase): Promise<string | null> {
    const again: Outcome = await this.start(database).finished;
    if (again.exitCode !== 0) return `exit ${again.exitCode} ${again.stderr.slice(-1500)}`;
    return this.different(database);
  }

  /** What is not as it would be undisturbed; null = nothing. */
  async different(database: TestDatabase): Promise<string | null> {
    const now = await endOf(database);
    for (const part of ['schema', 'rows', 'states'] as const) {
      if (now[part] !== this.end[part])
        return `${part} differ: ${firstDifference(this.end[part], now[part])}`;
    }
    return null;
  }

  remove(): Promise<void> {
    return this.journal.remove();
  }
}

async function endOf(database: TestDatabase): Promise<OperationsEnd> {
  const [schema, rows, states] = await Promise.all([
    dumpSchema(database.url),
    dumpRows(database.url),
    database.query<{ readonly id: string; readonly state: string }>(
      `SELECT id, state FROM ${own(database, 'migration_operations')} ORDER BY id`,
    ),
  ]);
  return { schema, rows, states: states.map(({ id, state }) => `${id} ${state}`).join(', ') };
}
