import { qualify, quoteIdentifier } from '../../database/identifiers.js';
import type { FenceCheckSql } from '../../lock/lock.js';
import type { BackfillSpec, Pass } from '../backfill.js';
import type { ChunkRequest } from '../dialect.js';
import { Parameters, type PostgresKey } from './key-sql.js';

/** Rows of a verification that are named. */
export const SAMPLE = 20;
/** Failures that are kept; those beyond are not on record. */
export const KEPT_FAILURES = 100;

/** What all chunks of a pass have in common. */
export interface ChunkSqlContext {
  readonly spec: BackfillSpec;
  readonly key: PostgresKey;
  readonly pass: Pass;
  readonly progress: string;
  readonly scope: string;
  readonly fence: string;
  readonly fenceCheck: FenceCheckSql;
}

/** What a chunk's statement answers, beside the key as `mg_k0`, `mg_k1`, ... */
export interface ChunkRow {
  readonly held: number;
  readonly want: string | null;
  readonly max_rate: number | null;
  readonly more: boolean;
  readonly rows: string;
  readonly changed: string;
  readonly sample: readonly (readonly string[])[] | null;
}

/**
 * One chunk as one statement, which is its own transaction: one round trip. Nothing is written unless the fence is ours and the record has the
 * cursor that we think it has, which is locked before anything else. A session that was cut off while its chunk ran may still commit: whoever
 * goes on waits for it here and finds another cursor.
 *
 * @param work `none` moves the cursor alone
 */
export function chunkStatement(
  context: ChunkSqlContext,
  request: ChunkRequest,
  work: 'rows' | 'none' = 'rows',
): { readonly sql: string; readonly params: readonly unknown[] } {
  const { spec, key, pass } = context;
  const params = new Parameters(context.fenceCheck.params);
  const table = qualify('postgresql', spec.table.schema, spec.table.name);
  const low = request.lo === null ? [] : [key.compare('>', key.values(request.lo, params))];
  const bound = key.values(request.range.bound, params);
  const edge = bound.map(
    (value, index) => `coalesce((select mg_k${index} from mg_edge), ${value})`,
  );
  const between = (high: readonly string[]): string =>
    [...low, key.compare('<=', high)].join(' and ');
  const parts = [
    `mg_held as materialized (${context.fenceCheck.sql(1)})`,
    gate(context, request, params),
    `mg_edge as materialized (select ${key.columns.map((column, index) => `${column} as mg_k${index}`).join(', ')}
       from ${table} where ${between(bound)} order by ${key.list} offset ${params.add(request.rows - 1)}::bigint limit 1)`,
    request.skip !== undefined || work === 'none'
      ? 'mg_work as materialized (select 0::bigint as n, null::jsonb as sample)'
      : pass === 'verify'
        ? pending(context, table, between(edge))
        : changed(context, table, between(edge)),
    `mg_count as materialized (select n as changed, sample,
       case when exists (select 1 from mg_edge) then ${params.add(request.rows)}::bigint
            else (select count(*) from ${table} where ${between(bound)}) end as rows from mg_work)`,
    progress(context, request, params, edge),
  ];
  const sql = `with ${parts.join(',\n')}
select (select count(*) from mg_held)::int as held, (select want from mg_gate) as want, (select max_rate from mg_gate) as max_rate,
       exists (select 1 from mg_edge) as more, c.rows::text as rows, c.changed::text as changed, c.sample,
       ${edge.map((value, index) => `(${value})::text as mg_k${index}`).join(', ')}
  from mg_count c`;
  return { sql, params: params.values };
}

function gate(
  { progress: table, scope, spec, pass }: ChunkSqlContext,
  { range, lo }: ChunkRequest,
  params: Parameters,
): string {
  // A range without cursor goes on from its lower end.
  const cursor = range.cursor === null ? null : JSON.stringify(lo);
  return `mg_gate as materialized (select want, max_rate from ${table}
      where scope = ${params.add(scope)} and id = ${params.add(spec.id)} and pass = ${params.add(pass)} and range_no = ${params.add(range.range)}::int
        and cursor_pk is not distinct from ${params.add(cursor)}::jsonb and exists (select 1 from mg_held) for update)`;
}

function changed({ spec }: ChunkSqlContext, table: string, rows: string): string {
  return `mg_changed as (update ${table} set ${assignments(spec)}
      where ${rows} and ${spec.pending === null ? '' : `(${spec.pending}) and `}exists (select 1 from mg_gate) returning 1),
    mg_work as materialized (select count(*) as n, null::jsonb as sample from mg_changed)`;
}

function pending({ spec, key }: ChunkSqlContext, table: string, rows: string): string {
  const keys = key.columns.map((_, index) => `mg_k${index}`).join(', ');
  return `mg_pending as materialized (select ${key.asText} from ${table} where ${rows} and (${spec.pending ?? 'false'})),
    mg_work as materialized (select count(*) as n, (select jsonb_agg(jsonb_build_array(${keys}))
      from (select ${keys} from mg_pending limit ${SAMPLE}) first) as sample from mg_pending)`;
}

function progress(
  context: ChunkSqlContext,
  { range, batch, skip }: ChunkRequest,
  params: Parameters,
  edge: readonly string[],
): string {
  const key = `jsonb_build_array(${edge.map((value) => `(${value})::text`).join(', ')})`;
  const failures =
    skip !== undefined
      ? `case when jsonb_array_length(p.failures) < ${KEPT_FAILURES}
           then p.failures || jsonb_build_array(jsonb_build_object('key', ${key}, 'code', ${params.add(skip.code)}::text)) else p.failures end`
      : `case when c.sample is null or jsonb_array_length(p.failures) >= ${SAMPLE} then p.failures
           else p.failures || (select jsonb_agg(jsonb_build_object('key', k, 'code', 'pending')) from jsonb_array_elements(c.sample) k) end`;
  return `mg_progress as (update ${context.progress} p
      set cursor_pk = ${key}, rows_done = p.rows_done + c.rows, rows_changed = p.rows_changed + c.changed, failures = ${failures},
          batch = ${params.add(batch)}::int, fence = ${params.add(context.fence)}::bigint, updated_at = clock_timestamp(),
          finished_at = case when exists (select 1 from mg_edge) then null else clock_timestamp() end
     from mg_count c
    where p.scope = ${params.add(context.scope)} and p.id = ${params.add(context.spec.id)} and p.pass = ${params.add(context.pass)}
      and p.range_no = ${params.add(range.range)}::int and exists (select 1 from mg_gate))`;
}

function assignments({ set, keep }: BackfillSpec): string {
  const name = (column: string): string => quoteIdentifier('postgresql', column);
  return [
    ...keep.map((column) => `${name(column)} = ${name(column)}`),
    ...Object.entries(set).map(([column, value]) => `${name(column)} = (${value})`),
  ].join(', ');
}
