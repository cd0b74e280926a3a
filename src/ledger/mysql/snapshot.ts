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
import { EMPTY_EXPRESSION } from './catalogue.js';

const NUMBERS: ReadonlySet<string> = new Set([
  'id',
  'created_at_ms',
  'statements',
  'statement_cursor',
  'in_flight',
  'fence',
]);

/**
 * Everything that exists of ledger and attempts, in one statement: one round trip, and one read view in InnoDB.
 * JSON_ARRAYAGG is no way to do it: MariaDB cuts it at group_concat_max_len.
 */
export async function readSnapshot(
  session: Session,
  location: LedgerLocation,
  catalogue: LedgerCatalogue,
  scope: string,
): Promise<RawSnapshot> {
  const union = new Union(location, scope);
  union.add('empty', [text(EMPTY_EXPRESSION)], '', location.table);
  if (hasTable(catalogue, location.table)) {
    union.add(
      'row',
      [text('id'), 'hash', text('created_at'), catalogue.named ? 'name' : 'null'],
      `from ${ledgerTable('mysql', location)}`,
    );
  }
  if (hasTable(catalogue, 'migration_library')) {
    union.add('version', ['version'], `from ${ownTable('mysql', location, 'migration_library')}`);
  }
  if (hasTable(catalogue, 'migration_attempts')) {
    const table = ownTable('mysql', location, 'migration_attempts');
    union.addAttempts(
      `id in (select id from (select max(id) as id from ${table} where scope = ? and kind in ('migration', 'down') group by tag, kind) latest)`,
    );
    union.addAttempts(`scope = ? and kind in ('baseline', 'repair')`);
  }
  const read = await union.read(session);
  return {
    rows: read('row'),
    versions: read('version').map(([version]) => version ?? ''),
    attempts: read('attempt'),
    empty: read('empty')[0]?.[0] === '1',
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
  const renewing = beside.lease?.renewing(1);
  if (renewing !== undefined) await session.query(renewing.sql, renewing.params);
  const name = catalogue.named ? 'name' : `''`;
  // Drizzle's table has the database's own character set, and the digest is over UTF-8.
  const row = `sha2(convert(concat(hash, ' ', created_at, ' ', ${name}) using utf8mb4), 256)`;
  const xor = (from: number): string =>
    text(`bit_xor(cast(conv(substr(row_hash, ${from}, 16), 16, 10) as unsigned))`);
  const union = new Union(location, scope);
  union.add(
    'digest',
    [text('count(*)'), xor(1), xor(17)],
    `from (select ${row} as row_hash from ${ledgerTable('mysql', location)}) hashed`,
  );
  if (hasTable(catalogue, 'migration_attempts')) {
    const table = ownTable('mysql', location, 'migration_attempts');
    union.addAttempts(`scope = ? and kind in ('migration', 'down') and state <> 'done'
      and id in (select id from (select max(id) as id from ${table} group by scope, tag, kind) latest)`);
    union.addAttempts(`scope = ? and kind = 'repair' and not exists (select 1 from ${table} d
      where d.scope = ${table}.scope and d.tag = ${table}.tag and d.kind = 'down' and d.state = 'done' and d.id > ${table}.id)`);
  }
  const living = beside.lease?.living(1);
  if (living !== undefined) union.add('lives', [text('1')], living.sql, ...living.params);
  if (beside.operations === true) {
    const table = ownTable('mysql', location, 'migration_operations');
    union.add('operation', ['id', 'state'], `from ${table} where scope = ?`, scope);
  }
  const read = await union.read(session);
  return {
    digest: (read('digest')[0] ?? []).join(' '),
    attempts: read('attempt'),
    renewed: living === undefined ? null : read('lives').length > 0,
    operations: beside.operations === true ? read('operation') : null,
  };
}

type Read = (kind: string) => readonly JsonRow[];

/** Rows of different tables as one result: what kind of row, and its values as a JSON array. */
class Union {
  readonly #parts: string[] = [];
  readonly #params: unknown[] = [];

  constructor(
    private readonly location: LedgerLocation,
    private readonly scope: string,
  ) {}

  add(kind: string, values: readonly string[], from: string, ...params: readonly unknown[]): void {
    const row = values.map((value) => `convert(${value} using utf8mb4)`).join(', ');
    this.#parts.push(
      `select '${kind}' as kind, convert(json_array(${row}) using utf8mb4) as value ${from}`,
    );
    this.#params.push(...params);
  }

  addAttempts(condition: string): void {
    const table = ownTable('mysql', this.location, 'migration_attempts');
    this.add(
      'attempt',
      ATTEMPT_COLUMNS.map(expression),
      `from ${table} where ${condition}`,
      this.scope,
    );
  }

  async read(session: Session): Promise<Read> {
    const found = await session.query<{ readonly kind: string; readonly value: string }>(
      this.#parts.join('\nunion all\n'),
      this.#params,
    );
    return (kind) =>
      found
        .filter((row) => row.kind === kind)
        .map((row) => JSON.parse(row.value) as JsonRow)
        .sort(byId);
  }
}

function expression(name: (typeof ATTEMPT_COLUMNS)[number]): string {
  if (name === 'started_at' || name === 'finished_at') return milliseconds(name);
  if (name === 'resolution' || name === 'steps')
    return `json_unquote(json_extract(detail, '$.${name}'))`;
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
