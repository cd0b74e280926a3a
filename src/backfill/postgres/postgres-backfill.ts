import type { Session } from '../../database/database.js';
import { qualify } from '../../database/identifiers.js';
import type { BackfillSpec, Key, Pass, PassDeps, RangeProgress, Want } from '../backfill.js';
import type {
  BackfillDialect,
  ChunkOutcome,
  ChunkRequest,
  OlderWriters,
  Signal,
} from '../dialect.js';
import { IDLE_SECONDS } from '../dialect.js';
import { chunkStatement, type ChunkRow } from './chunk-sql.js';
import { Parameters, PostgresKey } from './key-sql.js';
import { olderWriters } from './older-writers.js';
import { rowChunk } from './row-chunk.js';
import { blockedSessions, replicaLag, writes } from './signals.js';

const TARGET_MS = 500;
/** Keys that are looked at to cut a table. */
const SAMPLE_KEYS = 4000;

/** Statistics of the table and its partitions; a table that was never analyzed is told by its size, at 60 rows a page. */
const ESTIMATE = `select sum(case when c.reltuples >= 0 and not (c.reltuples = 0 and pg_relation_size(c.oid) > 0) then c.reltuples
    else pg_relation_size(c.oid) / current_setting('block_size')::float8 * 60 end)::float8 as rows
  from pg_catalog.pg_class c where c.relkind = 'r'
   and c.oid in (select $1::regclass::oid union all select relid::oid from pg_catalog.pg_partition_tree($1::regclass))`;

/**
 * A chunk is a short range of the key's index, whatever the statistics say; and nothing is compiled for it. Text of a key means the same on every
 * session of a pass.
 */
const SETTINGS = [
  ['enable_seqscan', 'off'],
  ['enable_sort', 'off'],
  ['jit', 'off'],
  ['idle_in_transaction_session_timeout', `${IDLE_SECONDS}s`],
  ['DateStyle', 'ISO'],
  ['IntervalStyle', 'postgres'],
  ['extra_float_digits', '1'],
  ['bytea_output', 'hex'],
] as const;

/** Passes over rows on Postgres. */
export class PostgresBackfill implements BackfillDialect {
  readonly targetMs = TARGET_MS;
  readonly #table: string;
  readonly #key: PostgresKey;

  constructor(
    private readonly spec: BackfillSpec,
    private readonly deps: Pick<PassDeps, 'lock' | 'store' | 'signal'>,
  ) {
    this.#table = qualify('postgresql', spec.table.schema, spec.table.name);
    this.#key = new PostgresKey(spec.key);
  }

  get parallel(): boolean {
    return this.deps.lock.session.server.flavour !== 'pglite';
  }

  async prepare(session: Session, targetMs: number): Promise<void> {
    // All sessions of PGlite are one.
    if (session.server.flavour === 'pglite') return;
    const settings = [...SETTINGS, ['lock_timeout', `${Math.max(1000, 2 * targetMs)}ms`]];
    await session.query(
      `select ${settings.map((_, index) => `set_config($${index * 2 + 1}, $${index * 2 + 2}, false)`).join(', ')}`,
      settings.flat(),
    );
  }

  olderWriters(session: Session): Promise<OlderWriters> {
    return olderWriters(session, this.#table);
  }

  async bound(session: Session): Promise<Key | null> {
    const [row] = await session.query(
      `select ${this.#key.asText} from ${this.#table} order by ${this.#key.descending} limit 1`,
    );
    return row === undefined ? null : this.#key.read(row);
  }

  async estimate(session: Session): Promise<number | null> {
    const [row] = await session.query<{ readonly rows: number | null }>(ESTIMATE, [this.#table]);
    return row?.rows === null || row === undefined ? null : Math.round(row.rows);
  }

  async sample(session: Session, bound: Key, estimate: number | null): Promise<readonly Key[]> {
    const percent = Math.min(100, (100 * SAMPLE_KEYS) / Math.max(1, estimate ?? SAMPLE_KEYS));
    const params = new Parameters();
    const upTo = this.#key.compare('<=', this.#key.values(bound, params));
    const rows = await session.query(
      `select ${this.#key.asText} from ${this.#table} tablesample system (${params.add(percent)}::real) where ${upTo} order by ${this.#key.list} limit ${SAMPLE_KEYS * 4}`,
      params.values,
    );
    return rows.map((row) => this.#key.read(row));
  }

  async chunk(session: Session, pass: Pass, request: ChunkRequest): Promise<ChunkOutcome> {
    const { lock, store, signal } = this.deps;
    const context = {
      spec: this.spec,
      key: this.#key,
      pass,
      progress: store.table(session),
      scope: store.scope,
      fence: lock.fence,
      fenceCheck: lock.fenceCheck,
    };
    let row: (ChunkRow & Readonly<Record<string, unknown>>) | undefined;
    if (this.spec.rows !== null && pass !== 'verify') {
      row = await rowChunk(session, context, request, signal);
    } else {
      const { sql, params } = chunkStatement(context, request);
      [row] = await session.query<ChunkRow & Record<string, unknown>>(sql, params);
    }
    if (row === undefined || row.held === 0) return { kind: 'fenced' };
    if (row.want === null) return { kind: 'moved' };
    return {
      kind: 'done',
      hi: this.#key.read(row),
      more: row.more,
      rows: Number(row.rows),
      changed: Number(row.changed),
      writes: 1,
      want: row.want as Want,
      maxRowsPerSecond: row.max_rate,
      sample: row.sample ?? [],
    };
  }

  async firstKey(session: Session, range: RangeProgress, lo: Key | null): Promise<Key | null> {
    const params = new Parameters();
    const low = lo === null ? [] : [this.#key.compare('>', this.#key.values(lo, params))];
    const high = this.#key.compare('<=', this.#key.values(range.bound, params));
    const [row] = await session.query(
      `select ${this.#key.asText} from ${this.#table} where ${[...low, high].join(' and ')} order by ${this.#key.list} limit 1`,
      params.values,
    );
    return row === undefined ? null : this.#key.read(row);
  }

  replicaLag(session: Session): Promise<Signal> {
    return replicaLag(session);
  }

  blockedSessions(session: Session, ours: readonly string[]): Promise<Signal> {
    return blockedSessions(session, ours);
  }

  writes(session: Session): Promise<number | null> {
    return this.spec.firesTriggers ? Promise.resolve(null) : writes(session);
  }
}
