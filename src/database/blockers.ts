import type { BlockingSession } from '../run-events.js';
import type { Session } from './database.js';
import { mysqlBlockers } from './mysql/blockers.js';
import { postgresBlockers } from './postgres/blockers.js';

/**
 * Who holds up a backend right now, as far as this login may see. Facts only, never query text.
 * Empty when nobody does, and when the login may not know (MySQL: SELECT on performance_schema, or PROCESS).
 * @param observer a session other than the one that waits
 * @param backendId the one that waits
 */
export function readBlockers(
  observer: Session,
  backendId: string,
): Promise<readonly BlockingSession[]> {
  switch (observer.server.flavour) {
    case 'postgresql':
      return postgresBlockers(observer, backendId);
    case 'pglite':
      return Promise.resolve([]);
    case 'mysql':
    case 'mariadb':
      return mysqlBlockers(observer, backendId);
  }
}
