import type { Session } from '../database/database.js';
import { isMigratorError } from '../errors.js';
import type { Journal } from '../journal/journal.js';
import { bootstrap } from '../ledger/bootstrap.js';
import { backfillScopeOf, scopeOf } from '../ledger/location.js';
import { createHolder } from '../lock/holder.js';
import type { HeldLock } from '../lock/lock.js';
import type { MigrationLockOptions } from '../lock/with-lock.js';
import type { Emit } from '../run-events.js';
import type { MigratorEnvironment } from './environment.js';

/** What differs between the commands that take the lock. */
export interface LockedCommand {
  /** UUID of this run; the holder's id. */
  readonly runId: string;
  /** How it names itself to those who wait for it. */
  readonly app: string;
  /** null = the lock is a worker's: nothing is made where there is no ledger. */
  readonly journal: Journal | null;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Milliseconds. @default the migrator's `lock.waitMs` */
  readonly waitMs: number | undefined;
  /** Leave out the coordinator, on the user's word. @default false */
  readonly withoutCoordinator?: boolean;
  /** What speaks against it; asked under the lock before anything is created. */
  readonly check: (session: Session) => Promise<void>;
}

/** How a command of this migrator takes the lock: whom it names, what it makes where nothing is yet, and what it tells. */
export function lockOptionsOf(
  { options, database, location }: MigratorEnvironment,
  { runId, app, journal, emit, signal, waitMs, withoutCoordinator, check }: LockedCommand,
): MigrationLockOptions {
  return {
    ...options.lock,
    waitMs: waitMs ?? options.lock.waitMs,
    database,
    location,
    holder: createHolder({ id: runId, app, release: options.build, startedAt: Date.now() }),
    coordinator: withoutCoordinator === true ? null : options.coordinator,
    signal,
    scope: (session) =>
      journal === null
        ? backfillScopeOf(location, session.server)
        : scopeOf(location, session.server),
    bootstrap: async (session) => {
      await check(session);
      if (journal === null) return;
      const made = await bootstrap(session, location, {
        layout: journal.layout,
        grantTo: options.grantTo,
      });
      for (const version of made.versions) emit({ type: 'ledger.bootstrapped', version });
    },
    onWait: (holder, waitedMs) => emit({ type: 'lock.waiting', holder, waitedMs }),
    onPredecessor: (holder, action) => emit({ type: 'lock.predecessor', holder, action }),
    onAcquired: (held, waitedMs) => {
      emit({ type: 'lock.acquired', fence: held.fence, waitedMs });
      tellLoss(held, emit);
    },
    onReleased: (fence) => emit({ type: 'lock.released', fence }),
  };
}

function tellLoss({ lost }: HeldLock, emit: Emit): void {
  const tell = (): void => {
    const reason = isMigratorError(lost.reason) ? lost.reason.code : 'SESSION_LOST';
    emit({ type: 'lock.lost', reason });
  };
  lost.addEventListener('abort', tell, { once: true });
}
