import type { ServerInfo } from '../database/database.js';
import type { LockDialect } from './dialect.js';
import { inProcessLock, inProcessSessions } from './in-process.js';
import type { LockLocation, Scope } from './lock.js';
import { mysqlFence } from './mysql/fence.js';
import { mysqlSessions } from './mysql/processes.js';
import { mysqlSessionLock } from './mysql/session-lock.js';
import { postgresFence } from './postgres/fence.js';
import { postgresSessionLock } from './postgres/session-lock.js';
import { postgresSessions } from './postgres/sessions.js';

/** The lock of one scope in the dialect of whoever answered. */
export function lockDialect(
  server: Pick<ServerInfo, 'flavour'>,
  scope: Scope,
  location: LockLocation,
): LockDialect {
  switch (server.flavour) {
    case 'postgresql':
      return {
        lock: postgresSessionLock(scope),
        fence: postgresFence(scope, location, true),
        sessions: postgresSessions,
        sharesConnection: false,
      };
    case 'pglite':
      return {
        lock: inProcessLock(scope),
        fence: postgresFence(scope, location, false),
        sessions: inProcessSessions,
        sharesConnection: true,
      };
    case 'mysql':
    case 'mariadb':
      return {
        lock: mysqlSessionLock(scope),
        fence: mysqlFence(scope, location, server.flavour),
        sessions: mysqlSessions,
        sharesConnection: false,
      };
  }
}
