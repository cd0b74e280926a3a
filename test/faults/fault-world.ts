import { createMigrator, type Migrator, type MigratorOptions } from '../../src/index.js';
import { dumpRows, dumpSchema } from '../journals/schema-dump.js';
import {
  writeJournal,
  type JournalMigration,
  type WrittenJournal,
} from '../journals/write-journal.js';
import type { DatabaseServer, TestDatabase } from '../servers/index.js';
import { inconsistencies } from './consistent-ledger.js';
import { RunnerProcess, type RunnerOptions } from './runner-process.js';

/** One database, one folder, and the processes that fight over them; all of it ends with the world. */
export class FaultWorld {
  readonly #runners: RunnerProcess[] = [];
  readonly #migrators: Migrator[] = [];

  private constructor(
    readonly server: DatabaseServer,
    readonly database: TestDatabase,
    readonly journal: WrittenJournal,
  ) {}

  static async create(
    server: DatabaseServer,
    migrations: readonly JournalMigration[],
  ): Promise<FaultWorld> {
    return new FaultWorld(
      server,
      await server.createDatabase(),
      await writeJournal(migrations, { dialect: server.dialect }),
    );
  }

  /** Starts a process on this folder and database. */
  runner(options: Partial<RunnerOptions> = {}): RunnerProcess {
    const runner = new RunnerProcess({
      url: this.database.url,
      folder: this.journal.folder,
      ...options,
    });
    this.#runners.push(runner);
    return runner;
  }

  /** A migrator in this process. */
  migrator(options: Partial<MigratorOptions> = {}): Migrator {
    const migrator = createMigrator({
      database: { dialect: this.server.dialect, url: this.database.url },
      migrations: this.journal.folder,
      lock: { pollMinMs: 20, pollMaxMs: 100 },
      ...options,
    });
    this.#migrators.push(migrator);
    return migrator;
  }

  /** What stands in `effects`, sorted: a migration that took effect twice shows twice. */
  async effects(): Promise<readonly string[]> {
    const rows = await this.database.query<{ readonly what: string }>('SELECT what FROM effects');
    return rows.map(({ what }) => what).toSorted();
  }

  /** Applies the same folder undisturbed elsewhere and compares schema, rows and ledger; empty = as if nothing had happened. */
  async differences(): Promise<readonly string[]> {
    const other = await this.server.createDatabase();
    const migrator = createMigrator({
      database: { dialect: this.server.dialect, url: other.url },
      migrations: this.journal.folder,
    });
    try {
      await migrator.up();
      const wrong = [...(await inconsistencies(this.database, this.journal.names))];
      if ((await dumpSchema(this.database.url)) !== (await dumpSchema(other.url))) {
        wrong.push('schemas differ');
      }
      if ((await dumpRows(this.database.url)) !== (await dumpRows(other.url))) {
        wrong.push('rows differ');
      }
      return wrong;
    } finally {
      await migrator.close();
      await other.drop();
    }
  }

  /** Sessions of runners that the server still has, by id. */
  async sessions(): Promise<readonly string[]> {
    const sql =
      this.server.dialect === 'postgresql'
        ? `SELECT pid::text AS id FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'nest-migrate:%'`
        : `SELECT cast(id AS char) AS id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()`;
    return (await this.database.query<{ readonly id: string }>(sql)).map(({ id }) => id);
  }

  /** Whether somebody has the lock, by the server's word. */
  async lockIsHeld(): Promise<boolean> {
    return (await this.migrator().status()).lock.session !== null;
  }

  async end(): Promise<void> {
    for (const runner of this.#runners) {
      if (!runner.ended) runner.signal('SIGKILL');
    }
    await Promise.all(this.#runners.map(({ finished }) => finished));
    await Promise.all(this.#migrators.map((migrator) => migrator.close()));
    await this.database.drop();
    await this.journal.remove();
  }
}

/** Statements of one file. */
export function statements(...sql: readonly string[]): string {
  return sql.map((one) => `${one};`).join('\n--> statement-breakpoint\n');
}

/** A row for every time that something took effect: a table without a key shows a second time. */
export function effect(what: string): string {
  return `INSERT INTO effects VALUES ('${what}')`;
}

/** The first migration of most folders. */
export const INIT: JournalMigration = {
  tag: '0000_init',
  sql: statements(
    'CREATE TABLE effects (what varchar(60))',
    'CREATE TABLE orders (id int PRIMARY KEY, total int)',
    'INSERT INTO orders VALUES (1, 10), (2, 20), (3, 30)',
    effect('init'),
  ),
};
