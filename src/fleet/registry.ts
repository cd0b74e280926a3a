import type { Session } from '../database/database.js';
import type { LedgerLocation } from '../ledger/ledger.js';
import { scopeOf } from '../ledger/location.js';
import { readOwnTable } from '../ledger/read-own-table.js';
import type { HeldLock } from '../lock/lock.js';
import type { Instance } from './instance.js';
import { forgetting, listing, noting, seenSince, sighting } from './registry-sql.js';

/** What the registry of a ledger holds, as whoever is about to migrate sees it. */
export interface Registry {
  /** Whether the table exists. */
  readonly exists: boolean;
  /** Milliseconds since a runner first saw an instance here; null = none ever has. */
  readonly seenAgeMs: number | null;
  readonly instances: readonly Instance[];
}

/** Milliseconds after which the row of an instance that is no more is thrown away: a week, in which an operator may ask what ran. */
const KEEP_MS = 7 * 24 * 3_600_000;

interface Row {
  readonly id: string;
  readonly service: string;
  readonly build: string | null;
  readonly host: string;
  readonly pid: number | string;
  readonly knows: string;
  readonly state: string;
  readonly stopped: number | string;
  readonly lease_left: string;
  readonly age: string;
}

/**
 * Reads every row. A database from before there was a registry has none.
 *
 * @throws {MigratorError} `MISSING_PRIVILEGE` with the GRANT to run
 */
export async function readRegistry(session: Session, location: LedgerLocation): Promise<Registry> {
  const { dialect } = session.server;
  const scope = scopeOf(location, session.server);
  const list = listing(dialect, location, scope);
  const rows = await readOwnTable(session, location, 'migration_instances', () =>
    session.query<Row>(list.sql, list.params),
  );
  if (rows === null) return { exists: false, seenAgeMs: null, instances: [] };
  const seen = seenSince(dialect, location, scope);
  const [row] = await session.query<{ readonly age: string | null }>(seen.sql, seen.params);
  return {
    exists: true,
    seenAgeMs: row?.age == null ? null : Number(row.age),
    instances: rows.map(instanceOf),
  };
}

/**
 * What a runner does about the registry while it holds the lock: puts on record that there is a fleet, so that its loss is noticed, and throws away rows
 * that are long over. One statement while there is nothing to do about it.
 */
export async function noteFleet(
  { session, fence }: Pick<HeldLock, 'session' | 'fence'>,
  location: LedgerLocation,
  runner: string,
): Promise<void> {
  const { dialect } = session.server;
  const scope = scopeOf(location, session.server);
  const asked = noting(dialect, location, scope, KEEP_MS);
  const [note] = await session.query<{
    readonly unseen: boolean | number;
    readonly old: boolean | number;
  }>(asked.sql, asked.params);
  const statements = [
    ...(Number(note?.unseen ?? 0) === 1 ? sighting(dialect, location, scope, fence, runner) : []),
    ...(Number(note?.old ?? 0) === 1 ? [forgetting(dialect, location, scope, KEEP_MS)] : []),
  ];
  for (const { sql, params } of statements) await session.query(sql, params);
}

function instanceOf(row: Row): Instance {
  return {
    id: row.id,
    service: row.service,
    build: row.build,
    host: row.host,
    pid: Number(row.pid),
    knows: JSON.parse(row.knows) as readonly string[],
    state: row.state,
    stopped: Number(row.stopped) === 1,
    leaseLeftMs: Number(row.lease_left),
    ageMs: Number(row.age),
  };
}
