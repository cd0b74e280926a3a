import { randomBytes } from 'node:crypto';
import { StatementError, type Dialect, type Session } from '../../database/database.js';
import { quoteIdentifier } from '../../database/identifiers.js';
import { readProcesses } from '../../database/mysql/process-list.js';
import { withTestSession, type TestServer } from './test-server.js';

/** What the name of every database begins with that this kit makes. */
export const NAME_PREFIX = 'mg_test_';

/** ER_NO_SUCH_THREAD: it has left by itself. */
const NO_SUCH_THREAD = 1094;

/** A database that was made here, and that may therefore be dropped. */
export interface ScratchDatabase {
  readonly dialect: Dialect;
  readonly name: string;
  readonly url: string;
  /** Ends the sessions that are left in it, and drops it. May be called twice. */
  drop(): Promise<void>;
}

/**
 * Makes a database under a name that nobody has.
 *
 * @param template Postgres: the database that it is a copy of. @default the server's own, empty
 */
export async function createScratch(
  server: TestServer,
  template: string | null = null,
): Promise<ScratchDatabase> {
  const name = `${NAME_PREFIX}${randomBytes(8).toString('hex')}`;
  await withTestSession(server.dialect, server.url, (session) => createIn(session, name, template));
  return scratchDatabase(server, name);
}

/** The same on a session that is open. */
export async function createIn(
  session: Session,
  name: string,
  template: string | null,
): Promise<void> {
  const { dialect } = session.server;
  // Without IF NOT EXISTS: a database that is there already is not ours to drop.
  const from = template === null ? '' : ` template ${quoteIdentifier(dialect, template)}`;
  await session.query(`create database ${quoteIdentifier(dialect, name)}${from}`);
}

/** The handle of a database that the caller has just made. */
export function scratchDatabase(server: TestServer, name: string): ScratchDatabase {
  const { dialect } = server;
  return {
    dialect,
    name,
    url: server.urlOf(name),
    drop: () => withTestSession(dialect, server.url, (session) => dropIn(session, name)),
  };
}

/** Drops a database, and whoever is connected to it with it. */
export async function dropIn(session: Session, name: string): Promise<void> {
  const { dialect } = session.server;
  const quoted = quoteIdentifier(dialect, name);
  if (dialect === 'postgresql') {
    await session.query(`drop database if exists ${quoted} with (force)`);
    return;
  }
  // A transaction that is open in it holds a metadata lock, which DROP DATABASE would wait for.
  for (const { id, database } of await readProcesses(session))
    if (database === name) await kill(session, id);
  await session.query(`drop database if exists ${quoted}`);
}

async function kill(session: Session, id: string): Promise<void> {
  try {
    await session.query(`kill ${Number(id)}`);
  } catch (error) {
    if (!(error instanceof StatementError) || error.facts.errno !== NO_SUCH_THREAD) throw error;
  }
}
