import type { RangeProgress, WantChange } from '../backfill/backfill.js';
import { StatementError, type Session } from '../database/database.js';
import { estimatedRows } from '../database/estimated-rows.js';
import { withTransaction } from '../database/with-transaction.js';
import { MigratorError } from '../errors.js';
import { readOperations, type OperationRow } from '../ledger/operation-store.js';
import { backfillScopeOf, scopeOf } from '../ledger/location.js';
import { grantee, missingPrivilege } from '../ledger/privileges.js';
import { LedgerProgressStore } from '../ledger/progress-store.js';
import { readOwnTable } from '../ledger/read-own-table.js';
import { inspectLock, type LockInspection } from '../lock/inspect.js';
import type { Scope } from '../lock/lock.js';
import type { OperationState } from '../operations/operation.js';
import { phasesLeft } from '../operations/operation-state.js';
import { readOnlyServer } from '../plan/refusals.js';
import { backfillStatus } from './backfill-status.js';
import type { BackfillStatus } from './backfills-contract.js';
import { withLookingSession, type MigratorEnvironment } from './environment.js';

interface Cancellable {
  readonly signal?: AbortSignal;
}

/** What `max_rate` holds. */
const MAX_RATE = 2_147_483_647;

/**
 * Every pass over rows that is on record in this database.
 *
 * @throws {MigratorError} `MISSING_PRIVILEGE` with the GRANT to run
 */
export async function listBackfills(
  environment: MigratorEnvironment,
  { signal }: Cancellable = {},
): Promise<readonly BackfillStatus[]> {
  return withLookingSession(environment, signal, (session) =>
    withTransaction(session, { readOnly: true }, () => statuses(environment, session)),
  );
}

/**
 * Writes what an operator wants of a backfill. No lock is taken: whoever runs it reads this with its next chunk.
 *
 * @throws {MigratorError} `UNKNOWN_BACKFILL`, `USAGE` for a rate that is none, `READ_ONLY`, `MISSING_PRIVILEGE` with the GRANT to run
 */
export async function changeBackfill(
  environment: MigratorEnvironment,
  name: string,
  change: WantChange,
  { signal }: Cancellable = {},
): Promise<readonly BackfillStatus[]> {
  assertRate(change.maxRowsPerSecond ?? null);
  return withLookingSession(environment, signal, async (session) => {
    if (session.server.readOnly) throw readOnlyServer(session.server);
    const store = progressOf(environment, session);
    const known = await ofProgress(environment, session, () => store.read(session));
    if (!known.some(({ id }) => id === name)) throw unknownBackfill(name, known);
    // What cannot be shown afterwards is refused before anything is changed.
    const named = async (): Promise<readonly BackfillStatus[]> =>
      (await statuses(environment, session)).filter((status) => status.name === name);
    const before = await named();
    // It would hold up whatever goes through these rows next, months later, and nobody has been told so.
    if (holdsUp(change) && before.every(({ state }) => state === 'finished')) return before;
    try {
      // One statement by itself: a transaction would hold up every range's chunk until it ends.
      await store.setWant(session, name, change);
    } catch (error) {
      throw notPermitted(error, session, store.table(session));
    }
    return withTransaction(session, { readOnly: true }, named);
  });
}

function holdsUp({ want }: WantChange): boolean {
  return want === 'pause' || want === 'cancel';
}

async function statuses(
  environment: MigratorEnvironment,
  session: Session,
): Promise<readonly BackfillStatus[]> {
  const { location, options } = environment;
  const store = progressOf(environment, session);
  const times = await ofProgress(environment, session, () => store.times(session));
  if (times.length === 0) return [];
  const ranges = await store.read(session);
  const records = await readOperations(session, location);
  const { server } = session;
  const open = times.some(({ finishedAtMs }) => finishedAtMs === null);
  const lockOf = async (scope: Scope): Promise<Pick<LockInspection, 'held' | 'holder'>> =>
    open ? inspectLock(session, scope, location) : { held: false, holder: null };
  const locks = {
    up: await lockOf(scopeOf(location, server)),
    worker: await lockOf(backfillScopeOf(location, server)),
  };
  const found: BackfillStatus[] = [];
  for (const pass of times) {
    const record = records.find(({ name }) => name === pass.id);
    const by =
      pass.finishedAtMs !== null
        ? null
        : record !== undefined && isWorkers(record)
          ? 'worker'
          : 'up';
    const table = record?.table ?? options.operations.get(pass.id)?.table ?? null;
    found.push(
      backfillStatus(pass.id, {
        ranges: ranges.filter((range) => range.id === pass.id && range.pass === pass.pass),
        times: pass,
        table,
        estimatedRows:
          table === null || pass.finishedAtMs !== null ? null : await estimatedRows(session, table),
        atWork: by !== null && locks[by].held,
        holder: by === null ? null : (locks[by].holder?.id ?? null),
        by,
      }),
    );
  }
  return found;
}

/** While a phase of an operation is left to a worker, all passes over its rows are the worker's: `up` has none before contract. */
function isWorkers({ state, leftToWorker }: OperationRow): boolean {
  return phasesLeft({ state: state as OperationState, leftToWorker }).length > 0;
}

/** A database from before there were operations has none. */
async function ofProgress<T>(
  { location }: MigratorEnvironment,
  session: Session,
  read: () => Promise<readonly T[]>,
): Promise<readonly T[]> {
  return (await readOwnTable(session, location, 'migration_progress', read)) ?? [];
}

function progressOf({ location }: MigratorEnvironment, session: Session): LedgerProgressStore {
  return new LedgerProgressStore(location, scopeOf(location, session.server));
}

function assertRate(rate: number | null): void {
  if (rate === null || (Number.isInteger(rate) && rate >= 1 && rate <= MAX_RATE)) return;
  throw new MigratorError('USAGE', {
    message: `A rate is a whole number of rows a second from 1 to ${MAX_RATE}, or none.`,
    state: 'Nothing was changed.',
    remedy: 'nest-migrate backfill set <name> --rate 500; --rate none takes the limit away.',
  });
}

function unknownBackfill(name: string, known: readonly RangeProgress[]): MigratorError {
  const names = [...new Set(known.map(({ id }) => id))];
  return new MigratorError('UNKNOWN_BACKFILL', {
    message: `This database has no backfill named ${name} on record${names.length > 0 ? `; it has ${names.join(', ')}` : ', and no other'}. One is on record once its first phase over rows has begun.`,
    state: 'Nothing was changed.',
    remedy:
      'nest-migrate backfill list shows those there are; nest-migrate operation list shows what has not come to its rows yet.',
    details: { name, known: names },
  });
}

function notPermitted(error: unknown, { server }: Session, table: string): unknown {
  if (!(error instanceof StatementError) || error.kind !== 'privilege') return error;
  const grant = `grant select, update on ${table} to ${grantee(server.dialect, server.user)}`;
  return missingPrivilege(
    `The role ${server.user} may not say what it wants of a backfill in ${server.database}.`,
    `Use the login of the migrations (database.migrationUrl, MIGRATION_DATABASE_URL), or as the owner: ${grant};`,
    [grant],
    error,
  );
}
