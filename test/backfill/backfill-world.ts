import type { BackfillSpec, PassDeps, RangeProgress, Want } from '../../src/backfill/backfill.js';
import type { Session } from '../../src/database/database.js';
import { LedgerProgressStore } from '../../src/ledger/progress-store.js';
import { scopeOf } from '../../src/ledger/location.js';
import type { HeldLock } from '../../src/lock/lock.js';
import type { RunEventBody } from '../../src/run-events.js';
import { databases } from '../servers/index.js';
import { ledgerWorld, type LedgerWorld, type Version } from '../ledger/ledger-world.js';

/** One of each database: the versions of Postgres differ in nothing that matters here. */
export const engines = databases.filter(({ server }) => server !== 'postgres15');

/** A database with a table `t` to go through, and runners that do. */
export class BackfillWorld {
  readonly events: RunEventBody[] = [];

  private constructor(
    readonly version: Version,
    readonly ledger: LedgerWorld,
    readonly store: LedgerProgressStore,
  ) {}

  static async create(version: Version): Promise<BackfillWorld> {
    const ledger = await ledgerWorld(version);
    const scope = await ledger.withSession((session) =>
      Promise.resolve(scopeOf(ledger.location, session.server)),
    );
    const world = new BackfillWorld(
      version,
      ledger,
      new LedgerProgressStore(ledger.location, scope),
    );
    // Our own tables.
    await ledger.asRunner(() => Promise.resolve());
    return world;
  }

  get mysql(): boolean {
    return this.version.dialect === 'mysql';
  }

  query<Row extends object = Record<string, unknown>>(sql: string): Promise<Row[]> {
    return this.ledger.admin.query(sql) as unknown as Promise<Row[]>;
  }

  /** `t (id bigint primary key, n int, note text)` with ids 1 to `rows`, n = 0. */
  async fill(rows: number): Promise<void> {
    await this.query('create table t (id bigint primary key, n int not null, note varchar(40))');
    await this.query(`insert into t (id, n) ${this.numbers(rows, 'i, 0')}`);
    await this.query(this.mysql ? 'analyze table t' : 'analyze t');
  }

  /** A select over i = 1 to `rows`. */
  numbers(rows: number, columns: string): string {
    if (!this.mysql) return `select ${columns} from generate_series(1, ${rows}) i`;
    const digits =
      '(select 0 d union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9)';
    const places = String(rows).length;
    const from = Array.from({ length: places }, (_, place) => `${digits} d${place}`).join(', ');
    const value = Array.from({ length: places }, (_, place) => `d${place}.d * ${10 ** place}`).join(
      ' + ',
    );
    return `select ${columns} from (select 1 + ${value} as i from ${from}) numbers where i <= ${rows}`;
  }

  /** An expression that takes a while for each row, so that chunks can be met while they run. */
  slowly(expression: string, seconds = 0.001): string {
    return this.mysql
      ? `${expression} + 0 * sleep(${seconds})`
      : `${expression} + 0 * length(pg_sleep(${seconds})::text)`;
  }

  spec(
    overrides: Partial<Omit<BackfillSpec, 'settings'>> & {
      settings?: Partial<BackfillSpec['settings']>;
    } = {},
  ): BackfillSpec {
    return {
      id: 'op',
      table: { schema: null, name: 't' },
      key: [{ column: 'id', type: 'bigint' }],
      keyIndex: 'PRIMARY',
      set: { n: 'n + 1' },
      pending: null,
      keep: [],
      rows: null,
      firesTriggers: false,
      ...overrides,
      settings: {
        onBadRow: 'stop',
        targetMs: null,
        ranges: null,
        maxRowsPerSecond: null,
        pauseWhile: null,
        ...overrides.settings,
      },
    };
  }

  /** What a runner hands to a pass. */
  deps(lock: HeldLock, overrides: Partial<PassDeps> = {}): PassDeps {
    return {
      lock,
      store: this.store,
      signal: new AbortController().signal,
      emit: (event) => this.events.push(event),
      openWorker: (name) => this.worker(name),
      ...overrides,
    };
  }

  worker(name: string): Promise<Session> {
    return this.ledger.database.connect({ role: 'runner', applicationName: `worker ${name}` });
  }

  /** Runs `body` under lock and fence. */
  asRunner<T>(body: (lock: HeldLock) => Promise<T>): Promise<T> {
    return this.ledger.asRunner((_, lock) => body(lock));
  }

  progress(): Promise<readonly RangeProgress[]> {
    return this.ledger.withSession((session) => this.store.read(session, 'op'));
  }

  want(want: Want): Promise<number> {
    return this.ledger.withSession((session) => this.store.setWant(session, 'op', { want }));
  }

  async rowsDone(): Promise<number> {
    return (await this.progress()).reduce((total, { rowsDone }) => total + rowsDone, 0);
  }

  /** Cuts the sessions of workers, wherever they are in a chunk. @returns how many */
  async killWorkers(): Promise<number> {
    if (!this.mysql) {
      const killed = await this.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'worker backfill%' and datname = current_database()`,
      );
      return killed.length;
    }
    const found = await this.query<{ id: string }>(
      `select cast(id as char) as id from information_schema.processlist
        where db = database() and id <> connection_id() and info like 'update \`t\`%'`,
    );
    for (const { id } of found) await this.query(`kill ${id}`).catch(() => undefined);
    return found.length;
  }

  drop(): Promise<void> {
    return this.ledger.drop();
  }
}
