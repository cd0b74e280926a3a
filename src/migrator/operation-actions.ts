import { NO_FLEET } from '../fleet/fleet.js';
import { readBlockers } from '../database/blockers.js';
import { ledgerWriter, type LedgerWriter } from '../ledger/ledger-writer.js';
import { scopeOf } from '../ledger/location.js';
import { readLedger } from '../ledger/read-ledger.js';
import type { HeldLock } from '../lock/lock.js';
import type { Operation } from '../operations/operation.js';
import type { Emit, OperationPhase } from '../run-events.js';
import type { ActionDeps } from '../run/action-runner.js';
import { BlockerWatch } from '../run/blocker-watch.js';
import { dialectRunOf } from '../run/dialect-run-of.js';
import type { OperationDeps } from '../run/operation-phase.js';
import type { MigratorEnvironment } from './environment.js';

/** A run of an operator's that carries out one phase, outside any migration. */
export interface OperationRun {
  readonly operation: Operation;
  readonly phase: OperationPhase;
  /** The ledger's own, or a worker's. */
  readonly lock: HeldLock;
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly emit: Emit;
  readonly deps: OperationDeps;
}

/** Hands over what the actions of a phase are carried out with, and puts away what that opened. */
export async function withActions<T>(
  { options, database, location }: MigratorEnvironment,
  { operation, phase, lock, runId, signal: stop, emit, deps }: OperationRun,
  body: (actions: ActionDeps, gate: LedgerWriter['gate']) => Promise<T>,
): Promise<T> {
  const { build, actor, lockTimeoutMs, lockLadderMs } = options;
  const { session, fence, fenceCheck } = lock;
  const { version } = await readLedger(session, location);
  if (version === null) throw new TypeError('the bootstrap made no ledger');
  // On record with the ledger's other attempts, whichever lock they were made under.
  const scope = scopeOf(location, session.server);
  const writer = ledgerWriter({
    ...{ session, location, version, scope, fence, fenceCheck },
    ...{ runner: runId, build, actor },
  });
  const watch = new BlockerWatch(
    () => database.connect({ role: 'runner', applicationName: 'nest-migrate:watch' }),
    readBlockers,
    session.backendId,
  );
  const signal = AbortSignal.any([stop, lock.lost]);
  const specHash = deps.specHash(operation);
  try {
    const actions: ActionDeps = {
      context: {
        ...{ lock, signal, emit, runner: runId, build, actor, reason: null },
        fleet: () => Promise.resolve(NO_FLEET),
      },
      dialectRun: dialectRunOf(session.server.dialect),
      watch,
      timing: { lockTimeoutMs, statementTimeoutMs: null },
      lockLadderMs,
      readFacts: () => deps.readFacts(session, operation),
      record: (action, statements) =>
        writer.action({ name: `${operation.name}/${phase}/${action}`, specHash, statements }),
    };
    return await body(actions, (...facts) => writer.gate(...facts));
  } finally {
    await watch.close();
  }
}
