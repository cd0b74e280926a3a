import { createMigrator, type Migrator, type MigratorOptions } from '../../src/index.js';
import {
  writeJournal,
  type JournalMigration,
  type WrittenJournal,
} from '../journals/write-journal.js';
import type { TestDatabase } from '../servers/index.js';

/** Builds made during a test, each a folder and a migrator of its own. */
export class Builds {
  readonly #journals: WrittenJournal[] = [];
  readonly #migrators: Migrator[] = [];

  constructor(
    private readonly dialect: 'postgresql' | 'mysql',
    /** Where builds are that name no other. */
    private readonly database: Pick<TestDatabase, 'url'> = { url: '' },
    private readonly options: Partial<MigratorOptions> = {},
  ) {}

  /** A build that ships these migrations. */
  async of(
    migrations: readonly JournalMigration[],
    over: Partial<MigratorOptions> = {},
  ): Promise<Migrator> {
    const { folder } = await this.folder(migrations);
    return this.at(folder, over);
  }

  /** The same on another database, or by another login. */
  on(
    url: string,
    migrations: readonly JournalMigration[],
    over: Partial<MigratorOptions> = {},
  ): Promise<Migrator> {
    return this.of(migrations, { database: { dialect: this.dialect, url }, ...over });
  }

  /** A folder with these migrations. */
  async folder(migrations: readonly JournalMigration[]): Promise<WrittenJournal> {
    const journal = await writeJournal(migrations, { dialect: this.dialect });
    this.#journals.push(journal);
    return journal;
  }

  /** A build that ships what is there. */
  at(migrations: string, over: Partial<MigratorOptions> = {}): Migrator {
    const migrator = createMigrator({
      database: { dialect: this.dialect, url: this.database.url },
      migrations,
      ...this.options,
      ...over,
    });
    this.#migrators.push(migrator);
    return migrator;
  }

  /** Ends what runs, and leaves the folders. */
  async close(): Promise<void> {
    await Promise.all(this.#migrators.splice(0).map((migrator) => migrator.close()));
  }

  async dispose(): Promise<void> {
    await this.close();
    await Promise.all(this.#journals.splice(0).map((journal) => journal.remove()));
  }
}

/** One read of a replica's refresher, and what it answers: state and reason codes. */
export async function readinessOf({ readiness }: Migrator): Promise<string> {
  const { state, reasons } = await readiness.refreshed();
  return [state, ...reasons.map(({ code }) => code)].join(' ');
}
