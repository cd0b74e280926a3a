import type { BlockingSession } from '../run-events.js';
import { formatDuration } from './duration.js';

/**
 * A session of the server, for a sentence; never its query.
 * `session 99 of web (role app, idle in transaction, transaction open for 1 min 34 s)`
 */
export function describeSession(session: BlockingSession): string {
  const { pid, application, role, state, transactionAgeMs } = session;
  const facts = [
    role === null ? 'role not visible' : `role ${role}`,
    state ?? 'state not visible (grant pg_read_all_stats)',
    ...(transactionAgeMs === null
      ? []
      : [`transaction open for ${formatDuration(transactionAgeMs)}`]),
  ];
  // MySQL has no names of applications.
  return `session ${pid}${application ? ` of ${application}` : ''} (${facts.join(', ')})`;
}
