import type { Session } from '../../database/database.js';
import type { BackfillSpec, Key, Pass, PassDeps, RangeProgress } from '../backfill.js';
import type {
  BackfillDialect,
  ChunkOutcome,
  ChunkRequest,
  OlderWriters,
  Signal,
} from '../dialect.js';
import { IDLE_SECONDS } from '../dialect.js';
import { valuesBetween } from './between.js';
import { byKey } from './by-key.js';
import { mysqlChunk } from './chunk.js';
import { MysqlKey } from './key-sql.js';
import { olderWriters } from './older-writers.js';
import { blockedSessions, writes } from './signals.js';

const TARGET_MS = 300;

const ESTIMATE = `select cast(table_rows as char) as n from information_schema.tables
  where table_schema = coalesce(?, database()) and table_name = ?`;

/** Passes over rows on MySQL and MariaDB. */
export class MysqlBackfill implements BackfillDialect {
  readonly targetMs = TARGET_MS;
  readonly parallel = true;
  readonly #table: string;
  readonly #key: MysqlKey;

  constructor(
    private readonly spec: BackfillSpec,
    private readonly deps: Pick<PassDeps, 'lock' | 'store' | 'signal'>,
  ) {
    this.#table = byKey(spec);
    this.#key = new MysqlKey(spec.key);
  }

  /**
   * READ COMMITTED locks the rows of a chunk and not the gaps between them; with a binary log of statements the server refuses it (1665).
   * Without a strict mode a value that does not fit would be cut, silently.
   */
  async prepare(session: Session, targetMs: number): Promise<void> {
    const [log] = await session.query<{ readonly statements: string }>(
      `select if(@@global.log_bin and @@binlog_format = 'STATEMENT', '1', '0') as statements`,
    );
    const settings = [
      `sql_mode = concat(@@sql_mode, ',STRICT_ALL_TABLES')`,
      `innodb_lock_wait_timeout = ${Math.max(1, Math.ceil((2 * targetMs) / 1000))}`,
      // A process that sleeps in the middle of a chunk holds the fence's row, and nobody could take over for hours.
      `wait_timeout = ${IDLE_SECONDS}`,
      // The text of a TIMESTAMP must mean one moment.
      ...(this.#key.zoned ? [`time_zone = '+00:00'`] : []),
    ];
    await session.query(`set session ${settings.join(', ')}`);
    if (log?.statements !== '1')
      await session.query('set session transaction isolation level read committed');
  }

  olderWriters(): Promise<OlderWriters> {
    // With a trigger in place its exclusive metadata lock was the wait; without one, rows are told by `pending` and found by a verification.
    return Promise.resolve(
      this.spec.pending === null
        ? olderWriters(this.spec.table)
        : { left: () => Promise.resolve([]) },
    );
  }

  async bound(session: Session): Promise<Key | null> {
    const [row] = await session.query(
      `select ${this.#key.asText} from ${this.#table} order by ${this.#key.descending} limit 1`,
    );
    return row === undefined ? null : this.#key.read(row);
  }

  async estimate(session: Session): Promise<number | null> {
    const { schema, name } = this.spec.table;
    const [row] = await session.query<{ readonly n: string | null }>(ESTIMATE, [schema, name]);
    return row?.n == null ? null : Number(row.n);
  }

  /** There is no sampling here: values between the first and the last key are asked for the key behind them. */
  async sample(session: Session, bound: Key): Promise<readonly Key[]> {
    const key = this.#key;
    const [first] = await session.query(
      `select ${key.asText} from ${this.#table} order by ${key.list} limit 1`,
    );
    if (first === undefined) return [];
    const points = valuesBetween(key.kinds[0] ?? 'other', key.read(first)[0] ?? '', bound[0] ?? '');
    const upTo = key.upTo(key.values(bound));
    const found = new Map<string, readonly string[]>();
    for (const point of points) {
      const [row] = await session.query(
        `select ${key.asText} from ${this.#table} where ${key.columns[0]} > ${key.value(0, point)} and ${upTo} order by ${key.list} limit 1`,
      );
      if (row === undefined) continue;
      const behind = key.read(row);
      found.set(JSON.stringify(behind), key.values(behind));
    }
    if (found.size === 0) return [];
    // In the database's order: values between two texts are in none.
    const rows = await session.query(
      `select ${key.asText} from ${this.#table} where ${[...found.values()].map((values) => `(${key.equals(values)})`).join(' or ')} order by ${key.list}`,
    );
    return rows.map((row) => key.read(row));
  }

  chunk(session: Session, pass: Pass, request: ChunkRequest): Promise<ChunkOutcome> {
    return mysqlChunk(session, { spec: this.spec, key: this.#key, pass, deps: this.deps }, request);
  }

  async firstKey(session: Session, range: RangeProgress, lo: Key | null): Promise<Key | null> {
    const key = this.#key;
    const above = lo === null ? [] : [key.above(key.values(lo))];
    const [row] = await session.query(
      `select ${key.asText} from ${this.#table} where ${[...above, key.upTo(key.values(range.bound))].join(' and ')} order by ${key.list} limit 1`,
    );
    return row === undefined ? null : key.read(row);
  }

  /** A source does not know how far its replicas are. */
  replicaLag(): Promise<Signal> {
    return Promise.resolve({ kind: 'none' });
  }

  blockedSessions(session: Session, ours: readonly string[]): Promise<Signal> {
    return blockedSessions(session, ours);
  }

  /** A function of the user's writes each row by itself, and those of a chunk under way cannot be told from what others write. */
  writes(session: Session): Promise<number | null> {
    const known = this.spec.rows === null && !this.spec.firesTriggers;
    return known ? writes(session) : Promise.resolve(null);
  }
}
