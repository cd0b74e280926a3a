import { randomUUID } from 'node:crypto';
import { readBlockers } from '../database/blockers.js';
import type { Session } from '../database/database.js';
import { withTransaction } from '../database/with-transaction.js';
import { MigratorError } from '../errors.js';
import { ledgerWriter } from '../ledger/ledger-writer.js';
import { hasOperations, OperationStore, type OperationRow } from '../ledger/operation-store.js';
import { readLedger } from '../ledger/read-ledger.js';
import { withMigrationLock } from '../lock/with-lock.js';
import type { HeldLock } from '../lock/lock.js';
import type { OperationStatus, UndoResult } from '../migrator.js';
import { operationRefused } from '../operations/operation-errors.js';
import type { Operation, OperationState } from '../operations/operation.js';
import { isUndoable } from '../operations/operation-state.js';
import { ActionRunner } from '../run/action-runner.js';
import { BlockerWatch } from '../run/blocker-watch.js';
import { createMysqlRun } from '../run/mysql/mysql-run.js';
import { postgresRun } from '../run/postgres/postgres-run.js';
import {
  emitterOf,
  signalOr,
  withLookingSession,
  type MigratorEnvironment,
} from './environment.js';
import { lockOptionsOf } from './lock-options.js';
import { operationDepsOf } from './operation-deps.js';

/** Operations on record, and those registered that were never begun here. */
export async function listOperations(
  environment: MigratorEnvironment,
  options: { readonly signal?: AbortSignal } = {},
): Promise<readonly OperationStatus[]> {
  return withLookingSession(environment, options.signal, (session) =>
    withTransaction(session, { readOnly: true }, async () => {
      const records = await recordsOf(environment, session);
      return statusesOf(environment, records);
    }),
  );
}

/** Where an operation stands, as it was read last. */
export function phaseOf(
  environment: MigratorEnvironment,
  states: ReadonlyMap<string, OperationState> | null,
  name: string,
): OperationState | null {
  if (!environment.options.operations.has(name)) throw notRegistered(environment, name);
  return states === null ? null : (states.get(name) ?? 'planned');
}

/** Takes an operation back to the schema from before its expand. */
export async function undoOperation(
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
  const check = async (session: Session): Promise<OperationState> =>
    undoableState(operation, await recordsOf(environment, session));
  const locked = await withMigrationLock<OperationState>(
    lockOptionsOf(environment, {
      runId,
      app: 'nest-migrate operation undo',
      journal: environment.journal(),
      emit,
      signal,
      waitMs: options.waitMs,
      check: async (session) => void (await check(session)),
    }),
    () => Promise.resolve(false),
    async (lock) => {
      const from = await check(lock.session);
      await takeBack(environment, operation, lock, { runId, signal, emit });
      return from;
    },
  );
  if (!locked.ran) throw new TypeError('nothing asked whether the ledger is current');
  return { name, from: locked.value, durationMs: Math.round(performance.now() - began) };
}

async function takeBack(
  environment: MigratorEnvironment,
  operation: Operation,
  lock: HeldLock,
  run: {
    readonly runId: string;
    readonly signal: AbortSignal;
    readonly emit: ReturnType<typeof emitterOf>;
  },
): Promise<void> {
  const { options, database, location } = environment;
  const { session } = lock;
  const deps = operationDepsOf(environment);
  const began = performance.now();
  const { version } = await readLedger(session, location);
  if (version === null) throw new TypeError('the bootstrap made no ledger');
  const facts = await deps.readFacts(session, operation);
  const recipe = deps.recipeOf(operation, facts, []);
  const specHash = deps.specHash(operation);
  const context = {
    lock,
    signal: AbortSignal.any([run.signal, lock.lost]),
    emit: run.emit,
    runner: run.runId,
    build: options.build,
    actor: options.actor,
    reason: null,
  };
  const writer = ledgerWriter({
    session,
    location,
    version,
    scope: lock.scope,
    fence: lock.fence,
    fenceCheck: lock.fenceCheck,
    runner: run.runId,
    build: options.build,
    actor: options.actor,
  });
  const enter = (state: OperationState): Promise<void> =>
    withTransaction(session, {}, async () => {
      await lock.checkFence(session);
      const { name, kind } = operation;
      const entry = { name, kind, spec: deps.specOf(operation), specHash, state, pending: null };
      await deps.store.enter(session, entry, lock.fence);
    });
  const watch = new BlockerWatch(
    () => database.connect({ role: 'runner', applicationName: 'nest-migrate:watch' }),
    readBlockers,
    session.backendId,
  );
  try {
    run.emit({ type: 'operation.started', operation: operation.name, phase: 'undo', tag: null });
    await enter('undoing');
    await new ActionRunner(operation.name, 'undo', {
      context,
      dialectRun: session.server.dialect === 'postgresql' ? postgresRun : createMysqlRun(),
      watch,
      timing: { lockTimeoutMs: options.lockTimeoutMs, statementTimeoutMs: null },
      lockLadderMs: options.lockLadderMs,
      readFacts: () => deps.readFacts(session, operation),
      record: (action, statements) =>
        writer.action({ name: `${operation.name}/undo/${action}`, specHash, statements }),
    }).run(recipe.undo);
    await deps.forget(session, operation.name);
    await enter('undone');
    run.emit({
      type: 'operation.finished',
      operation: operation.name,
      phase: 'undo',
      state: 'undone',
      durationMs: Math.round(performance.now() - began),
    });
  } finally {
    await watch.close();
  }
}

/** A database from before there were operations has none. */
async function recordsOf(
  { location }: MigratorEnvironment,
  session: Session,
): Promise<readonly OperationRow[]> {
  if (!(await hasOperations(session, location))) return [];
  return new OperationStore(location).read(session);
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

function undoableState(operation: Operation, records: readonly OperationRow[]): OperationState {
  const record = records.find(({ name }) => name === operation.name);
  const state = (record?.state ?? 'planned') as OperationState;
  if (isUndoable(state)) return state;
  const begun = state === 'contracting' || state === 'done';
  throw operationRefused(
    operation.name,
    'undo',
    [
      {
        code: begun ? 'past-the-point-of-no-return' : 'nothing-to-undo',
        message: begun
          ? `its contract has begun (it is ${state}), and what that drops nothing brings back.`
          : `it is ${state} in this database.`,
        remedy: begun
          ? 'Go forward: nest-migrate up finishes it.'
          : 'nest-migrate operation list shows what is begun.',
        severity: 'error',
      },
    ],
    {},
  );
}

/** Only what the options name can be carried out. */
export function notRegistered({ options }: MigratorEnvironment, name: string): MigratorError {
  const known = [...options.operations.keys()];
  return new MigratorError('UNKNOWN_OPERATION', {
    message: `No operation named ${name} is registered${known.length > 0 ? `; registered are ${known.join(', ')}` : '; none is registered'}.`,
    remedy:
      'Register it in the option `operations`; the command line knows operations with --module.',
    state: 'Nothing was changed.',
    details: { name, registered: known },
  });
}
