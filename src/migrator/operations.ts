import { randomUUID } from 'node:crypto';
import type { Session } from '../database/database.js';
import { withTransaction } from '../database/with-transaction.js';
import { isMigratorError } from '../errors.js';
import { readOperations, type OperationRow } from '../ledger/operation-store.js';
import { missingRunnerPrivilege } from '../ledger/privileges.js';
import { withMigrationLock } from '../lock/with-lock.js';
import type { OperationState } from '../operations/operation.js';
import { phasesLeft } from '../operations/operation-state.js';
import { undoableState, undoOperation } from '../run/undo-operation.js';
import {
  emitterOf,
  signalOr,
  withLookingSession,
  type MigratorEnvironment,
} from './environment.js';
import { lockOptionsOf } from './lock-options.js';
import { notRegistered } from '../operations/operation-errors.js';
import { withActions } from './operation-actions.js';
import { operationDepsOf } from './operation-deps.js';
import type { OperationStatus, UndoOptions, UndoResult } from './operations-contract.js';
import { tendRegistry } from '../fleet/registry.js';
import { reasonOf } from './run-target.js';
import { assertRunner } from './runner-rights.js';
import { undoConsent, type UndoConsent } from './undo-consent.js';

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
  options: UndoOptions = {},
): Promise<UndoResult> {
  const operation = environment.options.operations.get(name);
  if (operation === undefined) throw notRegistered(name, environment.options.operations);
  const runId = randomUUID();
  const signal = signalOr(options.signal);
  const emit = emitterOf(environment, runId);
  const began = performance.now();
  const deps = operationDepsOf(environment, options.waitMs);
  const consents = (session: Session): Promise<UndoConsent | null> =>
    undoConsent(environment, operation, session, options, signal);
  const locked = await withMigrationLock<OperationState>(
    lockOptionsOf(environment, {
      runId,
      app: 'nest-migrate operation undo',
      journal: environment.journal(),
      emit,
      signal,
      waitMs: options.waitMs,
      check: async (session) => {
        const records = await recordsToChange(environment, session);
        const from = undoableState(operation, records, deps.specHash(operation));
        await assertRunner(environment, session);
        // What was announced and not carried out is put back under the lock, where somebody objects.
        if (from !== 'undoing') await consents(session);
      },
    }),
    () => Promise.resolve(false),
    async (lock) => {
      await tendRegistry(lock, environment.location, options.fleetConfirmed === true);
      return withActions(
        environment,
        { operation, phase: 'undo', lock, runId, signal, emit, deps },
        // A worker may be at its rows: what it writes to is not dropped before it is done.
        (actions, gate) =>
          deps.aloneWithRows(actions.context, () =>
            undoOperation(operation, deps, actions, async () => {
              const consent = await consents(lock.session);
              if (consent === null) return;
              const detail = { ...consent.detail, undo: name, reason: reasonOf(options, false) };
              await gate(consent.tag, consent.by, detail);
            }),
          ),
      );
    },
  );
  if (!locked.ran) throw new TypeError('nothing asked whether the ledger is current');
  return { name, from: locked.value, durationMs: Math.round(performance.now() - began) };
}

/** A right to read would only lead to the next refusal. */
export async function recordsToChange(
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
        leftToWorker: phasesLeft({
          state: record.state as OperationState,
          leftToWorker: record.leftToWorker,
        }),
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
        leftToWorker: [],
        enteredAt: null,
      })),
  ];
}
