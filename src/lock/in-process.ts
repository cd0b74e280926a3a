import type { Session } from '../database/database.js';
import type { BlockingSession } from '../run-events.js';
import type { SessionDirectory, SessionLock } from './dialect.js';
import type { Scope } from './lock.js';

/**
 * Scopes held, by database instance. Module state, because the thing to be guarded is: two migrators of one process may
 * share one PGlite instance and know nothing of each other. Weak, so that it ends with the instance.
 */
const held = new WeakMap<object, Set<Scope>>();

/**
 * The lock of a database that lives in this process (PGlite): nobody else can reach it, and its advisory locks are
 * re-entrant for its one backend, so they exclude nobody.
 */
export function inProcessLock(scope: Scope): SessionLock {
  // Which set it was taken in: inside a transaction the session's driver is another object.
  let takenIn: Set<Scope> | undefined;
  return {
    key: `in-process:${scope}`,
    tryAcquire: (session) => {
      const scopes = scopesOf(session);
      if (scopes.has(scope)) return Promise.resolve(false);
      scopes.add(scope);
      takenIn = scopes;
      return Promise.resolve(true);
    },
    release: () => {
      takenIn?.delete(scope);
      takenIn = undefined;
      return Promise.resolve();
    },
    owner: (session) =>
      Promise.resolve(scopesOf(session).has(scope) ? describeSelf(session) : null),
    waiters: () => Promise.resolve([]),
  };
}

function describeSelf({ backendId, server }: Session): BlockingSession {
  return {
    pid: backendId,
    role: server.user,
    application: null,
    state: null,
    transactionAgeMs: null,
  };
}

/** A predecessor of another process is gone: its database went with it. */
export const inProcessSessions: SessionDirectory = {
  find: () => Promise.resolve(null),
  terminate: () => Promise.resolve(false),
  rename: () => Promise.resolve(),
};

function scopesOf(session: Session): Set<Scope> {
  const { driver } = session;
  const instance = typeof driver === 'object' && driver !== null ? driver : session;
  const known = held.get(instance);
  if (known !== undefined) return known;
  const fresh = new Set<Scope>();
  held.set(instance, fresh);
  return fresh;
}
