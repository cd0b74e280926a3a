import { randomUUID } from 'node:crypto';
import { readBlockers } from '../database/blockers.js';
import type { Session } from '../database/database.js';
import { withTransaction } from '../database/with-transaction.js';
import { isMigratorError } from '../errors.js';
import { ledgerWriter } from '../ledger/ledger-writer.js';
import { readOperations, type OperationRow } from '../ledger/operation-store.js';
import { missingRunnerPrivilege } from '../ledger/privileges.js';
import { readLedger } from '../ledger/read-ledger.js';
import { withMigrationLock } from '../lock/with-lock.js';
import type { HeldLock } from '../lock/lock.js';
import type { Operation, OperationState } from '../operations/operation.js';
import type { Emit } from '../run-events.js';
import { BlockerWatch } from '../run/blocker-watch.js';
import { dialectRunOf } from '../run/dialect-run-of.js';
import { undoableState, undoOperation } from '../run/undo-operation.js';
import {
  emitterOf,
  signalOr,
  withLookingSession,
  type MigratorEnvironment,
} from './environment.js';
import { lockOptionsOf } from './lock-options.js';
import { notRegistered } from './operation-named.js';
import { operationDepsOf } from './operation-deps.js';
import type { OperationStatus, UndoResult } from './operations-contract.js';

/**
 * Operations on record, and those registered that were never begun here.
 *
 * @throws {MigratorError} `MISSING_PRIVILEGE` with the GRANT to run
 */
export async function listOperations(
  environment: MigratorEnvironment,
  options: { readonly signal?: AbortSignal } = {},
): Promise<readonly OperationStatus[]> {
  return withLookingSession(environment, options.signal, (session) =>
    withTransaction(session, { readOnly: true }, async () => {
      const records = await readOperations(session, environment.location);
      return statusesOf(environment, records);
    }),
  );
}

/** Takes an operation back to the schema from before its expand. */
export async function undo(
  environment: MigratorEnvironment,
  name: string,
  options: { readonly waitMs?: number; readonly signal?: AbortSignal } = {},
): Promise<UndoResult> {
  const operation = environment.options.operations.get(name);
  if (operation === undefined) throw notRegistered(environment, name);
  const runId = randomUUID();
  const signal = signalOr(options.signal);
  const emit = emitterOf(environment, runId);
  const began = performance.now();
  const { specHash } = operationDepsOf(environment);
  const locked = await withMigrationLock<OperationState>(
    lockOptionsOf(environment, {
      runId,
      app: 'nest-migrate operation undo',
      journal: environment.journal(),
      emit,
      signal,
      waitMs: options.waitMs,
      check: async (session) => {
        undoableState(operation, await recordsToChange(environment, session), specHash(operation));
      },
    }),
    () => Promise.resolve(false),
    (lock) => takeBack(environment, operation, { lock, runId, signal, emit }),
  );
  if (!locked.ran) throw new TypeError('nothing asked whether the ledger is current');
  return { name, from: locked.value, durationMs: Math.round(performance.now() - began) };
}

async function takeBack(
  environment: MigratorEnvironment,
  operation: Operation,
  run: {
    readonly lock: HeldLock;
    readonly runId: string;
    readonly signal: AbortSignal;
    readonly emit: Emit;
  },
): Promise<OperationState> {
  const { options, database, location } = environment;
  const { build, actor, lockTimeoutMs, lockLadderMs } = options;
  const { lock, runId, emit } = run;
  const { session, scope, fence, fenceCheck } = lock;
  const deps = operationDepsOf(environment);
  const { version } = await readLedger(session, location);
  if (version === null) throw new TypeError('the bootstrap made no ledger');
  const writer = ledgerWriter({
    ...{ session, location, version, scope, fence, fenceCheck },
    ...{ runner: runId, build, actor },
  });
  const watch = new BlockerWatch(
    () => database.connect({ role: 'runner', applicationName: 'nest-migrate:watch' }),
    readBlockers,
    session.backendId,
  );
  const signal = AbortSignal.any([run.signal, lock.lost]);
  const specHash = deps.specHash(operation);
  try {
    return await undoOperation(operation, deps, {
      context: { lock, signal, emit, runner: runId, build, actor, reason: null },
      dialectRun: dialectRunOf(session.server.dialect),
      watch,
      timing: { lockTimeoutMs, statementTimeoutMs: null },
      lockLadderMs,
      readFacts: () => deps.readFacts(session, operation),
      record: (action, statements) =>
        writer.action({ name: `${operation.name}/undo/${action}`, specHash, statements }),
    });
  } finally {
    await watch.close();
  }
}

/** A right to read would only lead to the next refusal. */
async function recordsToChange(
  { location }: MigratorEnvironment,
  session: Session,
): Promise<readonly OperationRow[]> {
  try {
    return await readOperations(session, location);
  } catch (error) {
    if (isMigratorError(error) && error.code === 'MISSING_PRIVILEGE')
      throw missingRunnerPrivilege(session.server, location, error);
    throw error;
  }
}

function statusesOf(
  environment: MigratorEnvironment,
  records: readonly OperationRow[],
): readonly OperationStatus[] {
  const { operations } = environment.options;
  const { specHash } = operationDepsOf(environment);
  const begun = new Set(records.map(({ name }) => name));
  return [
    ...records.map((record): OperationStatus => {
      const operation = operations.get(record.name);
      const same = operation !== undefined && specHash(operation) === record.specHash;
      return {
        name: record.name,
        kind: record.kind,
        state: record.state as OperationState,
        definition: operation === undefined ? 'not-registered' : same ? 'registered' : 'changed',
        pending: record.pending,
        enteredAt: record.enteredAt,
      };
    }),
    ...[...operations.values()]
      .filter(({ name }) => !begun.has(name))
      .map(({ name, kind }): OperationStatus => ({
        name,
        kind,
        state: 'planned',
        definition: 'registered',
        pending: null,
        enteredAt: null,
      })),
  ];
}
