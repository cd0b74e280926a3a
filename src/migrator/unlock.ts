import type { Session } from '../database/database.js';
import type { LedgerLocation } from '../ledger/ledger.js';
import { backfillScopeOf, scopeOf } from '../ledger/location.js';
import { lockDialect } from '../lock/lock-dialect.js';
import type { Scope } from '../lock/lock.js';
import { unlock as unlockHolder } from '../lock/unlock.js';
import type { MigratorError } from '../errors.js';
import type { Finding } from '../run-events.js';
import type { UnlockResult } from '../migrator.js';
import { signalOr, type MigratorEnvironment } from './environment.js';

/** Takes the lock away from a holder that is gone or stuck; compare and act on its id. */
export async function unlock(
  environment: MigratorEnvironment,
  options: {
    readonly holderId: string;
    readonly terminate?: boolean;
    readonly signal?: AbortSignal;
  },
): Promise<UnlockResult> {
  const { database, location, options: resolved } = environment;
  const signal = signalOr(options.signal);
  const session = await database.connect({
    role: 'runner',
    applicationName: 'nest-migrate:unlock',
    signal,
  });
  try {
    const { holder, terminated, fence, coordinatorError } = await unlockHolder({
      session,
      scope: await scopeHeldBy(options.holderId, session, location),
      location,
      holderId: options.holderId,
      terminate: options.terminate === true,
      coordinator: resolved.coordinator,
      signal,
    });
    return { holder, terminated, fence, findings: leftBehind(coordinatorError) };
  } finally {
    await session.close();
  }
}

/** A worker's, where that is the holder on record there; else the ledger's own, whose answer says who is. */
async function scopeHeldBy(
  holderId: string,
  session: Session,
  location: LedgerLocation,
): Promise<Scope> {
  const own = scopeOf(location, session.server);
  const workers = backfillScopeOf(location, session.server);
  const held = async (scope: Scope): Promise<boolean> => {
    const row = await lockDialect(session.server, scope, location).fence.read(session);
    return row?.holderId === holderId;
  };
  // An `up` that goes through rows has both, and they end with one session.
  return !(await held(own)) && (await held(workers)) ? workers : own;
}

/** The database is unlocked all the same; a coordinator's key that could not be deleted holds others up until it expires. */
function leftBehind(error: MigratorError | null): readonly Finding[] {
  if (error === null) return [];
  return [
    {
      code: 'coordinator-key-left',
      severity: 'warning',
      message: `${error.message} ${error.remedy}`,
    },
  ];
}
