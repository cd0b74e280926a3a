import { randomUUID } from 'node:crypto';
import { createDatabase } from '../../src/database/create-database.js';
import type { Database, Session } from '../../src/database/database.js';
import { withTransaction } from '../../src/database/with-transaction.js';
import type { JournalLayout, Journal } from '../../src/journal/journal.js';
import { bootstrap } from '../../src/ledger/bootstrap.js';
import type { LedgerLocation } from '../../src/ledger/ledger.js';
import {
  ledgerWriter,
  type LedgerWriter,
  type MigrationFacts,
} from '../../src/ledger/ledger-writer.js';
import { resolveLedgerLocation, scopeOf } from '../../src/ledger/location.js';
import { createHolder } from '../../src/lock/holder.js';
import type { HeldLock } from '../../src/lock/lock.js';
import { withMigrationLock } from '../../src/lock/with-lock.js';
import { servers, type databases, type TestDatabase } from '../servers/index.js';

/** One row of `databases`. */
export type Version = (typeof databases)[number];

/** A database of one test, and how to reach it as we do. */
export interface LedgerWorld {
  readonly admin: TestDatabase;
  readonly database: Database;
  readonly location: LedgerLocation;
  /** Runs `body` with a session that is closed afterwards. */
  withSession<T>(body: (session: Session) => Promise<T>, url?: string): Promise<T>;
  /** Runs `body` as the single runner, bootstrapped and fenced. */
  asRunner<T>(body: (writer: LedgerWriter, held: HeldLock) => Promise<T>): Promise<T>;
  drop(): Promise<void>;
}

/** Makes an empty database on that version. */
export async function ledgerWorld(
  { server, dialect }: Version,
  options: {
    readonly migrationsTable?: string;
    readonly migrationsSchema?: string;
    readonly layout?: JournalLayout;
  } = {},
): Promise<LedgerWorld> {
  const admin = await (await servers[server]()).createDatabase();
  const database = createDatabase({ dialect, url: admin.url });
  const location = resolveLedgerLocation(dialect, options);
  const layout = options.layout ?? 'journal';
  return {
    admin,
    database,
    location,
    async withSession(body, url = admin.url) {
      const session = await createDatabase({ dialect, url }).connect({ role: 'runner' });
      try {
        return await body(session);
      } finally {
        await session.close();
      }
    },
    async asRunner(body) {
      let version: 'v0' | 'v1' = 'v0';
      const result = await withMigrationLock(
        {
          database,
          location,
          holder: createHolder({ id: randomUUID(), app: 'test', startedAt: Date.now() }),
          coordinator: null,
          signal: new AbortController().signal,
          scope: (session) => scopeOf(location, session.server),
          bootstrap: async (session) => {
            ({ ledgerVersion: version } = await bootstrap(session, location, { layout }));
          },
          waitMs: 10_000,
          pollMinMs: 10,
          pollMaxMs: 50,
          drain: 'fail',
          drainMs: 1000,
        },
        () => Promise.resolve(false),
        (held) =>
          body(
            ledgerWriter({
              session: held.session,
              location,
              version,
              scope: held.scope,
              fence: held.fence,
              fenceCheck: held.fenceCheck,
              runner: held.holder.id,
              build: 'build-1',
              actor: 'test',
            }),
            held,
          ),
      );
      if (!result.ran) throw new Error('the lock was not taken');
      return result.value;
    },
    drop: () => admin.drop(),
  };
}

/** What is recorded of a journal's migrations. */
export function factsOf({ migrations }: Journal): readonly MigrationFacts[] {
  return migrations.map((migration) => ({
    tag: migration.tag,
    fileChecksum: migration.checksum,
    tokenChecksum: 'a'.repeat(64),
    createdAtMs: migration.createdAtMs,
    impact: 'expand',
    requires: null,
    statements: 1,
  }));
}

/** Runs every file as it stands and records it, as a run would. */
export async function applyAll(world: LedgerWorld, journal: Journal): Promise<void> {
  const facts = factsOf(journal);
  await world.asRunner(async (writer, { session }) => {
    for (const [index, migration] of journal.migrations.entries()) {
      const fact = facts[index];
      if (!fact) continue;
      await withTransaction(session, {}, async () => {
        for (const sql of migration.read().split('--> statement-breakpoint'))
          await session.execute(sql);
        await writer.record(fact);
      });
    }
  });
}
