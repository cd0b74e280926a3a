import type { Session } from '../../database/database.js';
import { hasTable, type LedgerCatalogue } from '../catalogue.js';
import type { LedgerLocation } from '../ledger.js';
import { ledgerTable, ownTable } from '../location.js';
import { ATTEMPT_COLUMNS, type JsonRow } from '../snapshot-rows.js';
import type { RawSnapshot } from '../read-ledger.js';

const NUMBERS: ReadonlySet<string> = new Set([
  'id',
  'created_at_ms',
  'statements',
  'statement_cursor',
  'in_flight',
  'fence',
]);

/**
 * Everything that exists of ledger, attempts and lock, in one statement: one round trip, and one read view in InnoDB.
 * JSON_ARRAYAGG is no way to do it: MariaDB cuts it at group_concat_max_len.
 */
export async function readSnapshot(
  session: Session,
  location: LedgerLocation,
  catalogue: LedgerCatalogue,
  scope: string,
): Promise<RawSnapshot> {
  const parts: string[] = [];
  const params: unknown[] = [];
  const add = (kind: string, values: readonly string[], from: string, ...more: unknown[]): void => {
    const row = values.map((value) => `convert(${value} using utf8mb4)`).join(', ');
    parts.push(
      `select '${kind}' as kind, convert(json_array(${row}) using utf8mb4) as value ${from}`,
    );
    params.push(...more);
  };
  if (hasTable(catalogue, location.table)) {
    add(
      'row',
      [text('id'), 'hash', text('created_at'), catalogue.named ? 'name' : 'null'],
      `from ${ledgerTable('mysql', location)}`,
    );
  }
  if (hasTable(catalogue, 'migration_library'))
    add('version', ['version'], `from ${ownTable('mysql', location, 'migration_library')}`);
  if (hasTable(catalogue, 'migration_attempts')) {
    const table = ownTable('mysql', location, 'migration_attempts');
    const columns = ATTEMPT_COLUMNS.map(expression);
    add(
      'attempt',
      columns,
      `from ${table} where id in (select id from (select max(id) as id from ${table} where scope = ? and kind = 'migration' group by tag) latest)`,
      scope,
    );
    add(
      'attempt',
      columns,
      `from ${table} where scope = ? and kind in ('baseline', 'repair')`,
      scope,
    );
  }
  if (hasTable(catalogue, 'migration_lock')) {
    const table = ownTable('mysql', location, 'migration_lock');
    add(
      'lock',
      [
        text('f.fence'),
        'f.holder_id',
        'f.holder',
        text('f.session_id'),
        'f.session_start',
        milliseconds('f.acquired_at'),
        milliseconds('f.released_at'),
        text('timestampdiff(microsecond, l.heartbeat_at, current_timestamp(3)) div 1000'),
      ],
      `from ${table} f left join ${table} l on l.scope = f.scope and l.part = 'lease' and l.holder_id = f.holder_id where f.scope = ? and f.part = 'fence'`,
      scope,
    );
  }
  if (parts.length === 0) return { rows: [], versions: [], attempts: [], lock: null };
  const found = await session.query<{ readonly kind: string; readonly value: string }>(
    parts.join('\nunion all\n'),
    params,
  );
  const of = (kind: string): readonly JsonRow[] =>
    found
      .filter((row) => row.kind === kind)
      .map((row) => JSON.parse(row.value) as JsonRow)
      .sort(byId);
  return {
    rows: of('row'),
    versions: of('version').map(([version]) => version ?? ''),
    attempts: of('attempt'),
    lock: of('lock')[0] ?? null,
  };
}

function expression(name: (typeof ATTEMPT_COLUMNS)[number]): string {
  if (name === 'started_at' || name === 'finished_at') return milliseconds(name);
  if (name === 'resolution') return `json_unquote(json_extract(detail, '$.resolution'))`;
  return NUMBERS.has(name) ? text(name) : name;
}

function text(value: string): string {
  return `cast(${value} as char)`;
}

/** TIMESTAMP columns read in the session's time zone, whatever it is. */
function milliseconds(column: string): string {
  return `cast(cast(unix_timestamp(${column}) * 1000 as signed) as char)`;
}

/** Ids are unsigned 64-bit numbers as text: the longer is the larger. */
function byId([a]: JsonRow, [b]: JsonRow): number {
  const left = a ?? '';
  const right = b ?? '';
  return left.length - right.length || (left < right ? -1 : Number(left > right));
}
