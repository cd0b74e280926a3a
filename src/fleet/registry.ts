import { StatementError, type Session } from '../database/database.js';
import { withTransaction } from '../database/with-transaction.js';
import type { LedgerLocation } from '../ledger/ledger.js';
import { scopeOf } from '../ledger/location.js';
import { readOwnTable } from '../ledger/read-own-table.js';
import type { HeldLock } from '../lock/lock.js';
import { LEASE_MS, type Instance } from './instance.js';
import { runnerSql, type RunnerSql } from './runner-sql.js';

/** What the registry of a ledger holds, as whoever is about to migrate sees it. */
export interface Registry {
  /** Whether it is as a runner established it; false = somebody has emptied or dropped it since. */
  readonly intact: boolean;
  readonly instances: readonly Instance[];
}

/** A week, in which an operator may ask what ran. */
const KEEP_MS = 7 * 24 * 3_600_000;

interface Row {
  readonly id: string;
  readonly service: string;
  readonly build: string | null;
  readonly host: string;
  readonly machine: string | null;
  readonly pid: number | string;
  readonly knows: string;
  readonly state: string;
  readonly stopped: number | string;
  readonly lease_left: string;
  readonly age: string;
}

interface Looked {
  readonly established: boolean | number;
  readonly intact: boolean | number;
  readonly old: boolean | number;
}

/**
 * Reads every row. A database from before there was a registry has none, and has lost none.
 *
 * @throws {MigratorError} `MISSING_PRIVILEGE` with the GRANT to run
 */
export async function readRegistry(session: Session, location: LedgerLocation): Promise<Registry> {
  const sql = sqlOf(session, location);
  const read = await readOwnTable(session, location, 'migration_instances', async () => {
    const rows = await session.query<Row>(sql.list.sql, sql.list.params);
    return { instances: rows.map(instanceOf), ...(await look(session, sql)) };
  });
  if (read === null) return { intact: true, instances: [] };
  return { intact: !read.established || read.intact, instances: read.instances };
}

/**
 * What a runner does about the registry while it holds the lock: establishes it, once, so that its loss can be told; establishes it again when it was lost and
 * every instance has had time to come back; and throws away rows that are long over. One statement while there is nothing to do about it.
 *
 * @param confirmed whether the operator has said who runs, so that a loss is of no account any more
 */
export async function tendRegistry(
  lock: Pick<HeldLock, 'session' | 'checkFence'>,
  location: LedgerLocation,
  confirmed: boolean,
): Promise<void> {
  const { session } = lock;
  const sql = sqlOf(session, location);
  const { established, intact, old } = await look(session, sql);
  // What nobody asks for any more is in nobody's way: a login that may not throw it away migrates all the same.
  if (old) await session.query(sql.forget.sql, sql.forget.params).catch(unlessRefused);
  if (intact && established) return;
  if (established && !confirmed) {
    const rows = await session.query<Row>(sql.list.sql, sql.list.params);
    if (!rows.some(({ age }) => Number(age) >= LEASE_MS)) return;
  }
  await withTransaction(session, {}, async () => {
    await lock.checkFence(session);
    for (const write of sql.establish) await session.query(write.sql, write.params);
  });
}

function unlessRefused(error: unknown): void {
  if (!(error instanceof StatementError)) throw error;
}

function sqlOf({ server }: Session, location: LedgerLocation): RunnerSql {
  return runnerSql(server.dialect, location, scopeOf(location, server), KEEP_MS);
}

async function look(
  session: Session,
  { look: asked }: RunnerSql,
): Promise<{ readonly established: boolean; readonly intact: boolean; readonly old: boolean }> {
  const [row] = await session.query<Looked>(asked.sql, asked.params);
  const said = (value: boolean | number | undefined): boolean => Number(value ?? 0) === 1;
  return { established: said(row?.established), intact: said(row?.intact), old: said(row?.old) };
}

function instanceOf(row: Row): Instance {
  return {
    id: row.id,
    service: row.service,
    build: row.build,
    host: row.host,
    machine: row.machine,
    pid: Number(row.pid),
    knows: tagsOf(row.knows),
    state: row.state,
    stopped: Number(row.stopped) === 1,
    leaseLeftMs: Number(row.lease_left),
    ageMs: Number(row.age),
  };
}

/** @returns null for a row that cannot be read: whoever wrote it has to be asked */
function tagsOf(knows: string): readonly string[] | null {
  try {
    const tags = JSON.parse(knows) as unknown;
    return Array.isArray(tags) ? tags.map(String) : null;
  } catch {
    return null;
  }
}
