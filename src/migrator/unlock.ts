import { scopeOf } from '../ledger/location.js';
import { unlock as unlockHolder } from '../lock/unlock.js';
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
    const { holder, terminated, fence } = await unlockHolder({
      session,
      scope: scopeOf(location, session.server),
      location,
      holderId: options.holderId,
      terminate: options.terminate === true,
      coordinator: resolved.coordinator,
      signal,
    });
    return { holder, terminated, fence };
  } finally {
    await session.close();
  }
}
