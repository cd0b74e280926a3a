import {
  createMigrator,
  type Migrator,
  type MigratorOptions,
  type RunEvent,
} from '../../src/index.js';
import {
  writeJournal,
  type JournalMigration,
  type WrittenJournal,
} from '../journals/write-journal.js';
import { servers, type TestDatabase } from '../servers/index.js';

/** One test's database, folder and migrators; everything goes away with it. */
export interface MigratorWorld {
  readonly dialect: 'postgresql' | 'mysql';
  readonly database: TestDatabase;
  readonly journal: WrittenJournal;
  /** A migrator on the folder; closed with the world. Events are collected. */
  migrator(options?: Partial<MigratorOptions>): WatchedMigrator;
  close(): Promise<void>;
}

/** A migrator whose events a test can wait for. */
export interface WatchedMigrator extends Migrator {
  readonly events: readonly RunEvent[];
  /** Resolves with the first event, past or future, that fits. */
  seen(fits: (event: RunEvent) => boolean): Promise<RunEvent>;
}

type ServerName = 'postgres18' | 'postgres15' | 'mysql' | 'mariadb';

/** Makes a fresh database on a shared server, and a folder with these migrations. */
export async function migratorWorld(
  server: ServerName,
  migrations: readonly JournalMigration[],
  layout: 'journal' | 'folder' = 'journal',
): Promise<MigratorWorld> {
  const dialect = server.startsWith('postgres') ? 'postgresql' : 'mysql';
  const database = await (await servers[server]()).createDatabase();
  const journal = await writeJournal(migrations, { dialect, layout });
  const opened: Migrator[] = [];
  return {
    dialect,
    database,
    journal,
    migrator(options = {}) {
      const events: RunEvent[] = [];
      const waiting = new Set<(event: RunEvent) => void>();
      const migrator = createMigrator({
        database: { dialect, url: database.url },
        migrations: journal.folder,
        listeners: [
          (event) => {
            events.push(event);
            for (const look of waiting) look(event);
          },
        ],
        ...options,
      });
      opened.push(migrator);
      const seen = (fits: (event: RunEvent) => boolean): Promise<RunEvent> => {
        const past = events.find(fits);
        if (past !== undefined) return Promise.resolve(past);
        return new Promise((resolve) => {
          const look = (event: RunEvent): void => {
            if (!fits(event)) return;
            waiting.delete(look);
            resolve(event);
          };
          waiting.add(look);
        });
      };
      return Object.assign(migrator, { events, seen });
    },
    async close() {
      await Promise.all(opened.map((migrator) => migrator.close()));
      await database.drop();
      await journal.remove();
    },
  };
}

/** The names of all migrations in Drizzle's ledger, by their checksum count. */
export async function ledgerCount(world: MigratorWorld): Promise<number> {
  const table =
    world.dialect === 'postgresql' ? 'drizzle.__drizzle_migrations' : '__drizzle_migrations';
  const [row] = await world.database.query<{ n: string | number }>(
    `SELECT count(*) AS n FROM ${table}`,
  );
  return Number(row?.n);
}
