import type { Session } from '../../database/database.js';
import { hasTable, type LedgerCatalogue } from '../catalogue.js';
import type { LedgerLocation } from '../ledger.js';
import { ledgerTable, ownTable } from '../location.js';
import { ATTEMPT_COLUMNS, type JsonRow } from '../snapshot-rows.js';
import type { RawSnapshot } from '../read-ledger.js';

const EXPRESSIONS: Partial<Record<(typeof ATTEMPT_COLUMNS)[number], string>> = {
  started_at: milliseconds('started_at'),
  finished_at: milliseconds('finished_at'),
  resolution: `detail ->> 'resolution'`,
};

/**
 * Everything that exists of ledger, attempts and lock, in one statement: one round trip, one moment.
 * Rows are arrays of text: `json_build_array` looks each argument's type up again for each row, which took most of the time.
 */
export async function readSnapshot(
  session: Session,
  location: LedgerLocation,
  catalogue: LedgerCatalogue,
  scope: string,
): Promise<RawSnapshot> {
  const parts: string[] = [];
  if (hasTable(catalogue, location.table)) {
    const name = catalogue.named ? 'name' : 'null';
    parts.push(`(select coalesce(json_agg(array[id::text, hash, created_at::text, ${name}] order by id), '[]')
        from ${ledgerTable('postgresql', location)})::text as rows`);
  }
  if (hasTable(catalogue, 'migration_library'))
    parts.push(
      `(select coalesce(json_agg(array[version]), '[]') from ${ownTable('postgresql', location, 'migration_library')})::text as versions`,
    );
  let scoped = false;
  if (hasTable(catalogue, 'migration_attempts')) {
    scoped = true;
    const table = ownTable('postgresql', location, 'migration_attempts');
    const columns = ATTEMPT_COLUMNS.map((name) => EXPRESSIONS[name] ?? `${name}::text`).join(', ');
    parts.push(`(select coalesce(json_agg(array[${columns}] order by id), '[]') from (
        (select distinct on (tag) * from ${table} where scope = $1 and kind = 'migration' order by tag, id desc)
        union all
        (select * from ${table} where scope = $1 and kind in ('baseline', 'repair'))) a)::text as attempts`);
  }
  if (hasTable(catalogue, 'migration_lock')) {
    scoped = true;
    const table = ownTable('postgresql', location, 'migration_lock');
    parts.push(`(select json_build_array(f.fence::text, f.holder_id, f.holder::text, f.session_id::text, f.session_start,
        ${milliseconds('f.acquired_at')}, ${milliseconds('f.released_at')},
        (extract(epoch from clock_timestamp() - l.heartbeat_at) * 1000)::bigint::text)
        from ${table} f left join ${table} l on l.scope = f.scope and l.part = 'lease' and l.holder_id = f.holder_id
       where f.scope = $1 and f.part = 'fence')::text as lock`);
  }
  if (parts.length === 0) return { rows: [], versions: [], attempts: [], lock: null };
  const [row] = await session.query<{
    readonly rows?: string;
    readonly versions?: string;
    readonly attempts?: string;
    readonly lock?: string | null;
  }>(`select ${parts.join(',\n')}`, scoped ? [scope] : []);
  return {
    rows: parse(row?.rows),
    versions: parse(row?.versions).map(([version]) => version ?? ''),
    attempts: parse(row?.attempts),
    lock: row?.lock ? (JSON.parse(row.lock) as JsonRow) : null,
  };
}

function milliseconds(column: string): string {
  return `(extract(epoch from ${column}) * 1000)::bigint::text`;
}

function parse(json: string | undefined): readonly JsonRow[] {
  return json === undefined ? [] : (JSON.parse(json) as readonly JsonRow[]);
}
