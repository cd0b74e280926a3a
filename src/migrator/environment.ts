import type { ConnectOptions, Database, Session } from '../database/database.js';
import { MigratorError } from '../errors.js';
import type { Journal } from '../journal/journal.js';
import type { LedgerLocation } from '../ledger/ledger.js';
import type { ResolvedOptions } from '../resolve-options.js';
import type { Emit, RunListener } from '../run-events.js';
import { createEmitter } from '../run/emitter.js';

/** What every command of a Migrator works with. Made once by `createMigrator`; holds no state but its listeners. */
export interface MigratorEnvironment {
  readonly options: ResolvedOptions;
  readonly database: Database;
  readonly location: LedgerLocation;
  readonly listeners: Set<RunListener>;
  /** Reads the folder anew: a release job reads it once, a replica keeps its own copy. */
  journal(): Journal;
}

/** Milliseconds a command that only looks waits for its connection, and for one answer. */
const LOOK_CONNECT_MS = 10_000;
const LOOK_QUERY_MS = 30_000;

/** A session for commands that only look: the runner's address where there is one, else the application's, through any pooler. */
function openLookingSession(
  { database, options }: MigratorEnvironment,
  signal: AbortSignal | undefined,
): Promise<Session> {
  const { migrationUrl, migrationConnection } = options.database;
  const own = migrationUrl !== undefined || migrationConnection !== undefined;
  const connect: ConnectOptions = {
    role: own ? 'runner' : 'reader',
    connectTimeoutMs: LOOK_CONNECT_MS,
    queryTimeoutMs: LOOK_QUERY_MS,
    ...(signal !== undefined && { signal }),
  };
  return database.connect(connect);
}

/** Opens a looking session, and closes it whatever happens. */
export async function withLookingSession<T>(
  environment: MigratorEnvironment,
  signal: AbortSignal | undefined,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openLookingSession(environment, signal);
  // A server that has fallen silent answers nobody: the stop ends the session, and what waits on it.
  const stop = (): void => void session.close();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await body(session);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    await session.close();
  }
}

/** The sender of one run's events. */
export function emitterOf(environment: MigratorEnvironment, runId: string): Emit {
  return createEmitter(environment.listeners, { database: environment.options.name, runId });
}

/** A signal that never fires, for callers that gave none. */
export function signalOr(signal: AbortSignal | undefined): AbortSignal {
  return signal ?? new AbortController().signal;
}

/** @throws {MigratorError} `UNKNOWN_TAG` */
export function assertKnownTag(journal: Journal, tag: string): void {
  const tags = journal.migrations.map((migration) => migration.tag);
  if (tags.includes(tag)) return;
  const alike = tags.filter((known) => known.includes(tag)).slice(0, 3);
  throw new MigratorError('UNKNOWN_TAG', {
    message: `There is no migration ${tag} in ${journal.folder}.${alike.length > 0 ? ` Did you mean ${alike.join(', ')}?` : ''}`,
    state: 'Nothing was changed.',
    remedy: 'nest-migrate status lists the tags.',
    details: { first: tags[0] ?? null, last: tags.at(-1) ?? null },
  });
}
