import type { Session } from '../database/database.js';
import { MigratorError } from '../errors.js';
import type { BlockingSession } from '../run-events.js';

/**
 * After locking: the backend that owns the lock is the one that answers us. Opening the session tested for a transaction
 * pooler already; this finds what that missed because the pooler was busy, and the fence check, which looks for the owner of
 * the lock, is the backstop (locks.md 7.2).
 * @throws {MigratorError} `POOLER_DETECTED`
 */
export async function assertDirectSession(
  session: Session,
  owner: () => Promise<BlockingSession | null>,
): Promise<void> {
  if (session.server.flavour === 'pglite') return;
  await assertSameBackend(session);
  const holding = await owner();
  if (holding?.pid !== session.backendId) throw poolerDetected(session.backendId, holding?.pid);
}

/**
 * At a statement boundary outside a transaction: this session still talks to the backend it began with.
 * @throws {MigratorError} `POOLER_DETECTED`
 */
async function assertSameBackend(session: Session): Promise<void> {
  if (session.server.flavour === 'pglite') return;
  const sql =
    session.server.dialect === 'postgresql'
      ? 'select pg_backend_pid()::text as id'
      : 'select cast(connection_id() as char) as id';
  const [row] = await session.query<{ id: string }>(sql);
  if (row?.id !== session.backendId) throw poolerDetected(session.backendId, row?.id);
}

function poolerDetected(expected: string, found: string | undefined): MigratorError {
  return new MigratorError('POOLER_DETECTED', {
    message:
      'The address of the runner leads through a transaction pooler: statements of one session reach different server sessions, so a session lock protects nothing.',
    state: 'No migration was started.',
    remedy:
      'Give the runner a direct connection: database: { url, migrationUrl } or MIGRATION_DATABASE_URL. Replicas may stay behind the pooler.',
    details: { expectedSession: expected, foundSession: found ?? null },
  });
}
