import type { Session } from '../../database/database.js';
import { qualify } from '../../database/identifiers.js';
import { withTransaction } from '../../database/with-transaction.js';
import { applyRows, type ChunkedRow } from '../apply-rows.js';
import type { ChunkRequest } from '../dialect.js';
import { chunkStatement, type ChunkRow, type ChunkSqlContext } from './chunk-sql.js';
import { Parameters } from './key-sql.js';

/**
 * A chunk whose rows go through a function in TypeScript. The statement of an SQL chunk, with nothing to set, moves the cursor first and thereby
 * locks the record; the rows are read, changed and committed with it.
 */
export async function rowChunk(
  session: Session,
  context: ChunkSqlContext,
  request: ChunkRequest,
  signal: AbortSignal,
): Promise<ChunkRow & Readonly<Record<string, unknown>>> {
  const { spec, key, progress, scope, pass } = context;
  return withTransaction(session, {}, async () => {
    const moved = await oneRow(session, chunkStatement(context, request, 'none'));
    if (moved.want === null || request.skip !== undefined) return moved;
    const params = new Parameters();
    const low = request.lo === null ? [] : [key.compare('>', key.values(request.lo, params))];
    const where = [...low, key.compare('<=', key.values(key.read(moved), params))].join(' and ');
    const found = await session.query(
      `select *, ${spec.pending === null ? 'true' : `coalesce((${spec.pending}), false)`} as mg_pending, ${key.columns
        .map((column, index) => `${column}::text as mg_key_${index}`)
        .join(', ')}
         from ${qualify('postgresql', spec.table.schema, spec.table.name)}
        where ${where} order by ${key.list} for no key update`,
      params.values,
    );
    const rows = found
      .filter((row) => row['mg_pending'] === true)
      .map((row) => chunked(context, row));
    const changed = await applyRows(session, spec, rows, signal);
    await session.query(
      `update ${progress} set rows_changed = rows_changed + $1::bigint where scope = $2 and id = $3 and pass = $4 and range_no = $5::int`,
      [changed, scope, spec.id, pass, request.range.range],
    );
    return { ...moved, changed: String(changed) };
  });
}

async function oneRow(
  session: Session,
  { sql, params }: { readonly sql: string; readonly params: readonly unknown[] },
): Promise<ChunkRow & Readonly<Record<string, unknown>>> {
  const [row] = await session.query<ChunkRow & Record<string, unknown>>(sql, params);
  if (row === undefined) throw new TypeError('a select without table answers with one row');
  return row;
}

function chunked({ key }: ChunkSqlContext, found: Readonly<Record<string, unknown>>): ChunkedRow {
  const ours = new Set(['mg_pending', ...key.columns.map((_, index) => `mg_key_${index}`)]);
  const values = key.columns.map((_, index) => String(found[`mg_key_${index}`]));
  return {
    row: Object.fromEntries(Object.entries(found).filter(([name]) => !ours.has(name))),
    params: values,
    where: (first) => key.equals(values.map((_, index) => `$${first + index}`)),
  };
}
