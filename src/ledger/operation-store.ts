import type { Session } from '../database/database.js';
import { placeholder } from '../database/identifiers.js';
import type { LedgerLocation } from './ledger.js';
import type { RowPhase } from '../operations/operation-state.js';
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
  /** Phases that `up` has left to a worker, also those that it is through with by now. */
  readonly leftToWorker: readonly RowPhase[];
  /** An undo is announced, and nothing of it is carried out: what the operation was in before; null = no such. */
  readonly announcedFrom: string | null;
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
  /** See {@link OperationRow.announcedFrom}. @default null */
  readonly announcedFrom?: string | null;
}

/** What stands in `detail`. Flat, so that two writers who merge a field each never lose one of the other's. */
interface Detail {
  readonly pending?: number | null;
  readonly workerBackfill?: boolean | null;
  readonly workerVerify?: boolean | null;
  readonly announcedFrom?: string | null;
}

/** States in which no phase is complete: whoever leaves one to a worker says that expand, which has nothing to do, is over. */
const NOTHING_COMPLETE = `'planned', 'expanding', 'undoing', 'undone'`;

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
    // The same text on all four: MariaDB has no JSON type, and pg would parse one.
    const table = postgres
      ? `(spec -> 'table')::text`
      : `cast(json_extract(spec, '$.table') as char)`;
    const detail = postgres ? 'detail::text' : 'cast(detail as char)';
    const rows = await session.query<{
      readonly name: string;
      readonly kind: string;
      readonly target: string | null;
      readonly state: string;
      readonly spec_hash: string;
      readonly detail: string | null;
      readonly entered: string;
    }>(
      `select id as name, kind, ${table} as target, state, spec_hash, ${detail} as detail, ${entered} as entered
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
      ...saidIn(row.detail),
      enteredAt: new Date(Number(row.entered)).toISOString(),
    }));
  }

  /** Writes where an operation stands now. What `up` has left to a worker stays on record until the operation is taken back. */
  async enter(session: Session, entry: OperationEntry, fence: string): Promise<void> {
    await this.#write(session, entry, fence, 'entry', {
      pending: entry.pending,
      announcedFrom: entry.announcedFrom ?? null,
      ...(entry.state === 'undone' && { workerBackfill: null, workerVerify: null }),
    });
  }

  /**
   * Puts on record that a phase is left to a worker. Where there is a record its state stays, for the worker may be at work on an earlier phase and
   * write it at the same moment; unless no phase is complete in it.
   */
  async leave(
    session: Session,
    entry: OperationEntry,
    phase: RowPhase,
    fence: string,
  ): Promise<void> {
    const field = phase === 'backfill' ? 'workerBackfill' : 'workerVerify';
    await this.#write(session, entry, fence, 'record', { [field]: true });
  }

  /** @param state which one counts where there is a record: the entry's, or that of the record unless no phase is complete in it */
  async #write(
    session: Session,
    entry: OperationEntry,
    fence: string,
    state: 'entry' | 'record',
    detail: Detail,
  ): Promise<void> {
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
      JSON.stringify(detail),
    ];
    const list = values.map((_, index) => placeholder(dialect, index + 1)).join(', ');
    const columns = 'scope, id, kind, spec, spec_hash, state, undo_until, fence, detail';
    // MySQL assigns from left to right, so that what reads the old state stands before it.
    const [old, fresh, now, merged] =
      dialect === 'postgresql'
        ? [
            'old.',
            (column: string) => `excluded.${column}`,
            'clock_timestamp()',
            `coalesce(old.detail, '{}') || excluded.detail`,
          ]
        : [
            '',
            (column: string) => `values(${column})`,
            'current_timestamp(3)',
            `json_merge_patch(coalesce(detail, '{}'), values(detail))`,
          ];
    const kept = (column: string, otherwise: string): string =>
      state === 'entry'
        ? otherwise
        : `case when ${old}state in (${NOTHING_COMPLETE}) then ${otherwise} else ${old}${column} end`;
    const set = [
      `spec = ${fresh('spec')}`,
      `spec_hash = ${fresh('spec_hash')}`,
      `fence = ${fresh('fence')}`,
      `detail = ${merged}`,
      `entered_at = ${kept('entered_at', now)}`,
      `state = ${kept('state', fresh('state'))}`,
    ].join(', ');
    await session.query(
      dialect === 'postgresql'
        ? `insert into ${table} as old (${columns}) values (${list}) on conflict (scope, id) do update set ${set}`
        : `insert into ${table} (${columns}) values (${list}) on duplicate key update ${set}`,
      values,
    );
  }
}

function saidIn(
  detail: string | null,
): Pick<OperationRow, 'pending' | 'leftToWorker' | 'announcedFrom'> {
  const { pending, workerBackfill, workerVerify, announcedFrom } = JSON.parse(
    detail ?? '{}',
  ) as Detail;
  return {
    pending: pending ?? null,
    announcedFrom: announcedFrom ?? null,
    leftToWorker: [
      ...(workerBackfill === true ? (['backfill'] as const) : []),
      ...(workerVerify === true ? (['verify'] as const) : []),
    ],
  };
}
