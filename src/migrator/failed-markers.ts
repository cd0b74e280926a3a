import type { Flavour, Session } from '../database/database.js';
import { withTransaction } from '../database/with-transaction.js';
import { isMigratorError } from '../errors.js';
import type { Marker } from '../options.js';

/**
 * The user's own checks, each in a read-only transaction and within the time of one query; one that fails, finds nothing or hangs is missing.
 * @param timeoutMs what the client gives one query
 */
export async function failedMarkers(
  session: Session,
  markers: readonly Marker[],
  timeoutMs: number,
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const marker of markers) {
    const outcome = await check(session, marker, timeoutMs);
    if (outcome !== 'met') missing.push(marker.name);
    // The session answered a moment ago, for the ledger: it was this query that it was lost in.
    if (outcome === 'lost') break;
  }
  return missing;
}

async function check(
  session: Session,
  marker: Marker,
  timeoutMs: number,
): Promise<'met' | 'missing' | 'lost'> {
  try {
    const [first] = await withTransaction(session, { readOnly: true }, async () => {
      await limitOnServer(session, timeoutMs);
      return session.query(marker.sql, marker.params);
    });
    return first !== undefined && isTruthy(Object.values(first)[0]) ? 'met' : 'missing';
  } catch (error) {
    if (!isMigratorError(error)) return 'missing';
    if (error.code === 'SESSION_LOST') return 'lost';
    throw error;
  }
}

/**
 * Servers go on with a statement whose client has hung up: a marker that hangs would leave one more of them behind with every read.
 * The server's limit comes first, so that the session lives on too. Postgres has it for one transaction, and so through any pooler;
 * MySQL and MariaDB for a session, which is ours alone and is closed after the read.
 */
async function limitOnServer(session: Session, timeoutMs: number): Promise<void> {
  const limitMs = Math.max(1, Math.floor(timeoutMs * 0.8));
  await session.query(limitStatement(session.server.flavour, limitMs));
}

function limitStatement(flavour: Flavour, limitMs: number): string {
  switch (flavour) {
    case 'postgresql':
    case 'pglite':
      return `SET LOCAL statement_timeout = ${limitMs}`;
    case 'mysql':
      return `SET SESSION max_execution_time = ${limitMs}`;
    case 'mariadb':
      return `SET SESSION max_statement_time = ${limitMs / 1000}`;
  }
}

/** Drivers give booleans, numbers or text for what SQL calls true. */
function isTruthy(value: unknown): boolean {
  return Boolean(value) && value !== '0' && value !== 'f' && value !== 'false';
}
