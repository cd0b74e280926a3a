import type { Session } from '../database/database.js';
import { placeholder } from '../database/identifiers.js';
import type { LedgerLocation } from './ledger.js';
import { ownTable, scopeOf } from './location.js';
import { readOwnTable } from './read-own-table.js';

/** A row of `migration_operations`: where an operation stands in this database. */
export interface OperationRow {
  readonly name: string;
  readonly kind: string;
  /** The table that it was begun on; null = the record does not tell. */
  readonly table: { readonly schema: string | null; readonly name: string } | null;
  readonly state: string;
  /** SHA-256 of the spec that it was begun with. */
  readonly specHash: string;
  /** Rows that the last verification found to be still to do; null = none was run. */
  readonly pending: number | null;
  /** ISO, by the database's clock. */
  readonly enteredAt: string;
}

/** What is written of an operation. */
export interface OperationEntry {
  readonly name: string;
  readonly kind: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly specHash: string;
  readonly state: string;
  readonly pending: number | null;
}

/** What contract drops nothing brings back. */
const LAST_UNDOABLE = 'verified';

/**
 * The operations that are on record, for whoever only looks: a database from before there were operations has none.
 *
 * @throws {MigratorError} `MISSING_PRIVILEGE` with the GRANT to run
 */
export async function readOperations(
  session: Session,
  location: LedgerLocation,
): Promise<readonly OperationRow[]> {
  const store = new OperationStore(location);
  return (
    (await readOwnTable(session, location, 'migration_operations', () => store.read(session))) ?? []
  );
}

/** Reads and writes `migration_operations` of one ledger. Writing is the fence holder's, in a transaction that has checked the fence. */
export class OperationStore {
  constructor(private readonly location: LedgerLocation) {}

  /** In the order in which they were begun. */
  async read(session: Session): Promise<readonly OperationRow[]> {
    const { dialect } = session.server;
    const postgres = dialect === 'postgresql';
    const entered = postgres
      ? `(extract(epoch from entered_at) * 1000)::bigint::text`
      : `cast(round(unix_timestamp(entered_at) * 1000) as char)`;
    const pending = postgres
      ? `detail ->> 'pending'`
      : `json_unquote(json_extract(detail, '$.pending'))`;
    // The same text on all four: MariaDB has no JSON type, and pg would parse one.
    const table = postgres
      ? `(spec -> 'table')::text`
      : `cast(json_extract(spec, '$.table') as char)`;
    const rows = await session.query<{
      readonly name: string;
      readonly kind: string;
      readonly target: string | null;
      readonly state: string;
      readonly spec_hash: string;
      readonly pending: string | null;
      readonly entered: string;
    }>(
      `select id as name, kind, ${table} as target, state, spec_hash, ${pending} as pending, ${entered} as entered
         from ${ownTable(dialect, this.location, 'migration_operations')}
        where scope = ${placeholder(dialect, 1)} order by entered_at, id`,
      [scopeOf(this.location, session.server)],
    );
    return rows.map((row) => ({
      name: row.name,
      kind: row.kind,
      table: row.target === null ? null : (JSON.parse(row.target) as OperationRow['table']),
      state: row.state,
      specHash: row.spec_hash,
      pending: row.pending === null || row.pending === 'null' ? null : Number(row.pending),
      enteredAt: new Date(Number(row.entered)).toISOString(),
    }));
  }

  /** Writes where an operation stands now. */
  async enter(session: Session, entry: OperationEntry, fence: string): Promise<void> {
    const { dialect } = session.server;
    const table = ownTable(dialect, this.location, 'migration_operations');
    const values = [
      scopeOf(this.location, session.server),
      entry.name,
      entry.kind,
      JSON.stringify(entry.spec),
      entry.specHash,
      entry.state,
      LAST_UNDOABLE,
      fence,
      JSON.stringify({ pending: entry.pending }),
    ];
    const list = values.map((_, index) => placeholder(dialect, index + 1)).join(', ');
    const columns = 'scope, id, kind, spec, spec_hash, state, undo_until, fence, detail';
    await session.query(
      dialect === 'postgresql'
        ? `insert into ${table} (${columns}) values (${list})
             on conflict (scope, id) do update set spec = excluded.spec, spec_hash = excluded.spec_hash, state = excluded.state,
               fence = excluded.fence, detail = excluded.detail, entered_at = clock_timestamp()`
        : `insert into ${table} (${columns}) values (${list})
             on duplicate key update spec = values(spec), spec_hash = values(spec_hash), state = values(state),
               fence = values(fence), detail = values(detail), entered_at = current_timestamp(3)`,
      values,
    );
  }
}
