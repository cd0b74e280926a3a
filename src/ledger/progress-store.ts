import type {
  Key,
  Pass,
  ProgressStore,
  RangeProgress,
  RowFailure,
  Want,
  WantChange,
} from '../backfill/backfill.js';
import type { Session } from '../database/database.js';
import { placeholder } from '../database/identifiers.js';
import type { LedgerLocation } from './ledger.js';
import { ownTable } from './location.js';

interface Row {
  readonly id: string;
  readonly pass: Pass;
  readonly range_no: number;
  readonly from_pk: string | null;
  readonly cursor_pk: string | null;
  readonly bound_pk: string;
  readonly rows_done: string;
  readonly rows_changed: string;
  readonly batch: number;
  readonly want: Want;
  readonly max_rate: number | null;
  readonly failures: string;
  readonly finished: string;
}

const TEXT_COLUMNS = ['from_pk', 'cursor_pk', 'bound_pk', 'rows_done', 'rows_changed', 'failures'];

/** When a pass did what, in milliseconds since 1970 by the database's clock. */
export interface PassTimes {
  readonly id: string;
  readonly pass: Pass;
  readonly startedAtMs: number;
  /** When a chunk was last committed. */
  readonly updatedAtMs: number;
  /** null = not all of its ranges are done. */
  readonly finishedAtMs: number | null;
  readonly nowMs: number;
}

/** Reads and writes `migration_progress` of one ledger. */
export class LedgerProgressStore implements ProgressStore {
  constructor(
    private readonly location: LedgerLocation,
    readonly scope: string,
  ) {}

  table(session: Session): string {
    return ownTable(session.server.dialect, this.location, 'migration_progress');
  }

  async read(session: Session, id?: string, pass?: Pass): Promise<readonly RangeProgress[]> {
    const { dialect } = session.server;
    const as = dialect === 'postgresql' ? 'text' : 'char';
    const texts = TEXT_COLUMNS.map((column) => `cast(${column} as ${as}) as ${column}`);
    const where: string[] = [];
    const params: string[] = [];
    const only = (column: string, value: string | undefined): void => {
      if (value === undefined) return;
      params.push(value);
      where.push(`${column} = ${placeholder(dialect, params.length)}`);
    };
    only('scope', this.scope);
    only('id', id);
    only('pass', pass);
    const rows = await session.query<Row>(
      `select id, pass, range_no, ${texts.join(', ')}, batch, want, max_rate, case when finished_at is null then '0' else '1' end as finished
         from ${this.table(session)} where ${where.join(' and ')} order by id, pass, range_no`,
      params,
    );
    return rows.map((row) => ({
      id: row.id,
      pass: row.pass,
      range: Number(row.range_no),
      from: keyOf(row.from_pk),
      cursor: keyOf(row.cursor_pk),
      bound: keyOf(row.bound_pk) ?? [],
      rowsDone: Number(row.rows_done),
      rowsChanged: Number(row.rows_changed),
      batch: Number(row.batch),
      want: row.want,
      maxRowsPerSecond: row.max_rate === null ? null : Number(row.max_rate),
      failures: JSON.parse(row.failures) as readonly RowFailure[],
      finished: row.finished === '1',
    }));
  }

  /** When each pass began and when it last got on, by the database's clock. */
  async times(session: Session): Promise<readonly PassTimes[]> {
    const { dialect } = session.server;
    const postgres = dialect === 'postgresql';
    const ms = (time: string): string =>
      postgres
        ? `(extract(epoch from ${time}) * 1000)::bigint::text`
        : `cast(round(unix_timestamp(${time}) * 1000) as char)`;
    const now = postgres ? 'clock_timestamp()' : 'current_timestamp(3)';
    const rows = await session.query<{
      readonly id: string;
      readonly pass: Pass;
      readonly started: string;
      readonly updated: string;
      readonly finished: string | null;
      readonly now: string;
    }>(
      `select id, pass, ${ms('min(started_at)')} as started, ${ms('max(updated_at)')} as updated,
              case when count(*) = count(finished_at) then ${ms('max(finished_at)')} end as finished, ${ms(now)} as now
         from ${this.table(session)} where scope = ${placeholder(dialect, 1)}
        group by id, pass order by min(started_at), id, pass`,
      [this.scope],
    );
    return rows.map(({ id, pass, started, updated, finished, now: at }) => ({
      id,
      pass,
      startedAtMs: Number(started),
      updatedAtMs: Number(updated),
      finishedAtMs: finished === null ? null : Number(finished),
      nowMs: Number(at),
    }));
  }

  async begin(session: Session, ranges: readonly RangeProgress[], fence: string): Promise<void> {
    const { dialect } = session.server;
    const table = this.table(session);
    const columns =
      'scope, id, pass, range_no, from_pk, cursor_pk, bound_pk, batch, want, max_rate, fence';
    const [first] = ranges;
    if (first === undefined) return;
    await session.query(
      `delete from ${table} where scope = ${placeholder(dialect, 1)} and id = ${placeholder(dialect, 2)} and pass = ${placeholder(dialect, 3)}`,
      [this.scope, first.id, first.pass],
    );
    for (const range of ranges) {
      const values = [
        this.scope,
        range.id,
        range.pass,
        range.range,
        jsonOf(range.from),
        jsonOf(range.cursor),
        jsonOf(range.bound),
        range.batch,
        range.want,
        range.maxRowsPerSecond,
        fence,
      ];
      const list = values.map((_, index) => placeholder(dialect, index + 1)).join(', ');
      await session.query(`insert into ${table} (${columns}) values (${list})`, values);
    }
  }

  async setWant(session: Session, id: string, change: WantChange): Promise<number> {
    const { dialect } = session.server;
    const params: unknown[] = [];
    const bind = (value: unknown): string => {
      params.push(value);
      return placeholder(dialect, params.length);
    };
    const set = [
      ...(change.want === undefined ? [] : [`want = ${bind(change.want)}`]),
      ...(change.maxRowsPerSecond === undefined
        ? []
        : [`max_rate = ${bind(change.maxRowsPerSecond)}`]),
    ];
    const where = `scope = ${bind(this.scope)} and id = ${bind(id)}`;
    if (set.length > 0)
      await session.query(
        `update ${this.table(session)} set ${set.join(', ')} where ${where}`,
        params,
      );
    return (await this.read(session, id)).length;
  }

  async forget(session: Session, id: string): Promise<void> {
    const { dialect } = session.server;
    await session.query(
      `delete from ${this.table(session)} where scope = ${placeholder(dialect, 1)} and id = ${placeholder(dialect, 2)}`,
      [this.scope, id],
    );
  }
}

function keyOf(json: string | null): Key | null {
  return json === null ? null : (JSON.parse(json) as Key | null);
}

function jsonOf(key: Key | null): string | null {
  return key === null ? null : JSON.stringify(key);
}
