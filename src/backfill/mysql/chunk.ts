import type { Session } from '../../database/database.js';
import { qualify, quoteIdentifier } from '../../database/identifiers.js';
import { withTransaction } from '../../database/with-transaction.js';
import { applyRows } from '../apply-rows.js';
import type { BackfillSpec, Key, Pass, PassDeps, RowFailure, Want } from '../backfill.js';
import { sameKey } from '../cut-ranges.js';
import type { ChunkOutcome, ChunkRequest } from '../dialect.js';
import { byKey } from './by-key.js';
import type { MysqlKey } from './key-sql.js';

/** Rows of a verification that are named. */
const SAMPLE = 20;
/** Failures that are kept; those beyond are not on record. */
const KEPT_FAILURES = 100;

/** What all chunks of a pass have in common. */
export interface MysqlChunkContext {
  readonly spec: BackfillSpec;
  readonly key: MysqlKey;
  readonly pass: Pass;
  readonly deps: Pick<PassDeps, 'lock' | 'store' | 'signal'>;
}

interface Gate {
  readonly cursor: string | null;
  readonly want: Want;
  readonly max_rate: number | null;
  readonly failures: string;
}

interface Work {
  readonly changed: number;
  readonly sample: readonly Key[];
}

/**
 * One chunk in one transaction. The record is locked before anything is written and must have the cursor that we think it has: a session that
 * was cut off while its chunk ran may still commit, and whoever goes on waits for it here.
 */
export function mysqlChunk(
  session: Session,
  context: MysqlChunkContext,
  request: ChunkRequest,
): Promise<ChunkOutcome> {
  const { spec, key, pass, deps } = context;
  const { range, lo, rows, batch, skip } = request;
  const progress = deps.store.table(session);
  const identity = [deps.store.scope, spec.id, pass, range.range];
  return withTransaction(session, {}, async (): Promise<ChunkOutcome> => {
    const held = await session.query(deps.lock.fenceCheck.sql(1), deps.lock.fenceCheck.params);
    if (held.length !== 1) return { kind: 'fenced' };
    const [gate] = await session.query<Gate>(
      `select cast(cursor_pk as char) as ${quoteIdentifier('mysql', 'cursor')}, want, max_rate, cast(failures as char) as failures
         from ${progress} where scope = ? and id = ? and pass = ? and range_no = ? for update`,
      identity,
    );
    const cursor = gate?.cursor == null ? null : (JSON.parse(gate.cursor) as Key);
    if (gate === undefined || !sameKey(cursor, range.cursor === null ? null : lo))
      return { kind: 'moved' };
    const table = byKey(spec);
    const above = lo === null ? [] : [key.above(key.values(lo))];
    const upToBound = key.upTo(key.values(range.bound));
    const [edge] = await session.query(
      `select ${key.asText} from ${table} where ${[...above, upToBound].join(' and ')} order by ${key.list} limit ${rows - 1}, 1`,
    );
    const hi = edge === undefined ? range.bound : key.read(edge);
    const where = [...above, key.upTo(key.values(hi))].join(' and ');
    const done =
      edge === undefined
        ? await countRows(
            session,
            `select cast(count(*) as char) as n from ${table} where ${where}`,
          )
        : rows;
    const { changed, sample } =
      skip === undefined
        ? await work(session, context, table, where)
        : { changed: 0, sample: [] as readonly Key[] };
    const failures = withFailures(
      JSON.parse(gate.failures) as readonly RowFailure[],
      hi,
      skip,
      sample,
    );
    await session.query(
      `update ${progress} set cursor_pk = ?, rows_done = rows_done + ?, rows_changed = rows_changed + ?, failures = ?, batch = ?,
              fence = cast(? as unsigned), updated_at = current_timestamp(3), finished_at = ${edge === undefined ? 'current_timestamp(3)' : 'null'}
        where scope = ? and id = ? and pass = ? and range_no = ?`,
      [
        JSON.stringify(hi),
        done,
        changed,
        JSON.stringify(failures),
        batch,
        deps.lock.fence,
        ...identity,
      ],
    );
    return {
      kind: 'done',
      hi,
      more: edge !== undefined,
      rows: done,
      changed,
      writes: pass === 'verify' || skip !== undefined ? 1 : 2,
      want: gate.want,
      maxRowsPerSecond: gate.max_rate === null ? null : Number(gate.max_rate),
      sample,
    };
  });
}

async function work(
  session: Session,
  { spec, key, pass, deps }: MysqlChunkContext,
  table: string,
  where: string,
): Promise<Work> {
  const pending = spec.pending === null ? '' : ` and (${spec.pending})`;
  if (pass === 'verify') {
    const changed = await countRows(
      session,
      `select cast(count(*) as char) as n from ${table} where ${where}${pending}`,
    );
    if (changed === 0) return { changed, sample: [] };
    const found = await session.query(
      `select ${key.asText} from ${table} where ${where}${pending} order by ${key.list} limit ${SAMPLE}`,
    );
    return { changed, sample: found.map((row) => key.read(row)) };
  }
  if (spec.rows === null) {
    const { rowCount } = await session.execute(
      `update ${table} set ${assignments(spec)} where ${where}${pending}`,
    );
    return { changed: rowCount ?? 0, sample: [] };
  }
  const ours = new Set(key.columns.map((_, index) => `mg_k${index}`));
  const found = await session.query(
    `select ${qualify('mysql', spec.table.schema, spec.table.name)}.*, ${key.asText} from ${table} where ${where}${pending} order by ${key.list} for update`,
  );
  const rows = found.map((row) => ({
    row: Object.fromEntries(Object.entries(row).filter(([name]) => !ours.has(name))),
    where: () => key.equals(key.values(key.read(row))),
    params: [],
  }));
  return { changed: await applyRows(session, spec, rows, deps.signal), sample: [] };
}

function withFailures(
  failures: readonly RowFailure[],
  hi: Key,
  skip: Omit<RowFailure, 'key'> | undefined,
  sample: readonly Key[],
): readonly RowFailure[] {
  if (skip !== undefined) return [...failures, { key: hi, ...skip }].slice(0, KEPT_FAILURES);
  return [...failures, ...sample.map((key) => ({ key, code: 'pending' }))].slice(0, KEPT_FAILURES);
}

function assignments({ set, keep }: BackfillSpec): string {
  const name = (column: string): string => quoteIdentifier('mysql', column);
  return [
    // In front: MySQL assigns from left to right.
    ...keep.map((column) => `${name(column)} = ${name(column)}`),
    ...Object.entries(set).map(([column, value]) => `${name(column)} = (${value})`),
  ].join(', ');
}

/** Sent without parameters: a `?` in the user's own SQL is no placeholder. */
async function countRows(session: Session, sql: string): Promise<number> {
  const [row] = await session.query<{ readonly n: string }>(sql);
  return Number(row?.n ?? 0);
}
