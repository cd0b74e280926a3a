import type { Session } from '../../database/database.js';
import { hasTable, type LedgerCatalogue } from '../catalogue.js';
import type { LedgerLocation } from '../ledger.js';
import { ledgerTable, ownTable } from '../location.js';
import {
  ATTEMPT_COLUMNS,
  type Beside,
  type JsonRow,
  type RawDigest,
  type RawSnapshot,
} from '../snapshot-rows.js';
import { emptyExpression } from './catalogue.js';

const EXPRESSIONS: Partial<Record<(typeof ATTEMPT_COLUMNS)[number], string>> = {
  started_at: milliseconds('started_at'),
  finished_at: milliseconds('finished_at'),
  resolution: `detail ->> 'resolution'`,
  steps: `detail ->> 'steps'`,
};

/**
 * Everything that exists of ledger and attempts, in one statement: one round trip, one moment.
 * Rows are arrays of text: `json_build_array` looks each argument's type up again for each row, which took most of the time.
 */
export async function readSnapshot(
  session: Session,
  location: LedgerLocation,
  catalogue: LedgerCatalogue,
  scope: string,
): Promise<RawSnapshot> {
  const parts = [`$1::text as scope`, `${emptyExpression('$2', '$3')} as empty`];
  if (hasTable(catalogue, 'migration_library')) {
    parts.push(
      `(select coalesce(json_agg(array[version]), '[]') from ${ownTable('postgresql', location, 'migration_library')})::text as versions`,
    );
  }
  if (hasTable(catalogue, location.table)) {
    const name = catalogue.named ? 'name' : 'null';
    parts.push(`(select coalesce(json_agg(array[id::text, hash, created_at::text, ${name}] order by id), '[]')
        from ${ledgerTable('postgresql', location)})::text as rows`);
  }
  if (hasTable(catalogue, 'migration_attempts')) {
    const table = ownTable('postgresql', location, 'migration_attempts');
    parts.push(
      attempts(`(select distinct on (tag, kind) * from ${table} where scope = $1 and kind in ('migration', 'down') order by tag, kind, id desc)
        union all
        (select * from ${table} where scope = $1 and kind in ('baseline', 'repair'))`),
    );
  }
  const [row] = await session.query<Row>(`select ${parts.join(',\n')}`, [
    scope,
    location.schema,
    location.table,
  ]);
  return {
    rows: parse(row?.rows),
    versions: parse(row?.versions).map(([version]) => version ?? ''),
    attempts: parse(row?.attempts),
    empty: row?.empty === true,
  };
}

/** The ledger's digest, and of the attempts only those that are not done, and answers to them: what a ledger that is as expected has left to say. */
export async function readDigest(
  session: Session,
  location: LedgerLocation,
  catalogue: LedgerCatalogue,
  scope: string,
  beside: Beside = {},
): Promise<RawDigest> {
  const name = catalogue.named ? `coalesce(name, '')` : `''`;
  const order = `created_at, hash collate "C"${catalogue.named ? ', name collate "C"' : ''}`;
  const digest = `(select count(*)::text || ' ' || encode(sha256(convert_to(string_agg(hash || ' ' || coalesce(created_at::text, '') || ' ' || ${name}, E'\\n'
        order by ${order}), 'UTF8')), 'hex') from ${ledgerTable('postgresql', location)}) as digest`;
  const hasAttempts = hasTable(catalogue, 'migration_attempts');
  const table = ownTable('postgresql', location, 'migration_attempts');
  const unfinished =
    attempts(`select * from ${table} m where scope = $1 and (kind = 'repair' and not exists (select 1 from ${table} d where d.scope = m.scope and d.tag = m.tag and d.kind = 'down' and d.state = 'done' and d.id > m.id)
        or kind in ('migration', 'down') and state <> 'done'
        and not exists (select 1 from ${table} l where l.scope = m.scope and l.tag = m.tag and l.kind = m.kind and l.id > m.id))`);
  const renewing = beside.lease?.renewing(2);
  const operations = `(select coalesce(json_agg(array[id, state]), '[]')
        from ${ownTable('postgresql', location, 'migration_operations')} where scope = $1)::text as operations`;
  const parts = [
    `$1::text as scope`,
    digest,
    ...(hasAttempts ? [unfinished] : []),
    ...(renewing === undefined ? [] : ['(select count(*) from renewed)::int as renewed']),
    ...(beside.operations === true ? [operations] : []),
  ];
  const first = renewing === undefined ? '' : `with renewed as (${renewing.sql} returning 1)\n`;
  const [row] = await session.query<Row>(`${first}select ${parts.join(',\n')}`, [
    scope,
    ...(renewing?.params ?? []),
  ]);
  return {
    digest: row?.digest ?? '',
    attempts: parse(row?.attempts),
    renewed: renewing === undefined ? null : row?.renewed === 1,
    operations: beside.operations === true ? parse(row?.operations) : null,
  };
}

interface Row {
  readonly empty?: boolean;
  readonly rows?: string;
  readonly digest?: string | null;
  readonly versions?: string;
  readonly attempts?: string;
  readonly renewed?: number;
  readonly operations?: string;
}

function attempts(from: string): string {
  const columns = ATTEMPT_COLUMNS.map((name) => EXPRESSIONS[name] ?? `${name}::text`).join(', ');
  return `(select coalesce(json_agg(array[${columns}] order by id), '[]') from (${from}) a)::text as attempts`;
}

function milliseconds(column: string): string {
  return `(extract(epoch from ${column}) * 1000)::bigint::text`;
}

function parse(json: string | undefined): readonly JsonRow[] {
  return json === undefined ? [] : (JSON.parse(json) as readonly JsonRow[]);
}
