import type { FleetProbe, Migrator } from '../../../src/index.js';
import {
  createMigrator,
  isMigratorError,
  renameColumn,
  type RenameColumn,
} from '../../../src/index.js';
import type { ReadinessState } from '../../../src/readiness/readiness.js';
import { writeJournal, type WrittenJournal } from '../../journals/write-journal.js';
import { servers, type databases, type TestDatabase } from '../../servers/index.js';
import type { DownRequest, FleetWorld, RunOutcome, UpRequest } from './fleet-world.js';
import type { Run } from './history.js';
import type { Step } from './history.js';

type Version = (typeof databases)[number];

/** Fails while `poison` has a row, and does nothing else. */
const MAY_FAIL = 'insert into poison select id from poison;';
const BREAKPOINT = '\n--> statement-breakpoint\n';

/** Migrators of every build on a real database. Time passes by moving what the registry holds into the past. */
export class RealWorld implements FleetWorld {
  readonly #journals = new Map<number, WrittenJournal>();
  readonly #replicas = new Map<number, Migrator>();
  readonly #mysql: boolean;

  private constructor(
    private readonly version: Version,
    private readonly database: TestDatabase,
    private readonly steps: readonly Step[],
  ) {
    this.#mysql = version.dialect === 'mysql';
  }

  static async open(version: Version, steps: readonly Step[]): Promise<RealWorld> {
    const database = await (await servers[version.server]()).createDatabase();
    return new RealWorld(version, database, steps);
  }

  async start(id: number, build: number, registers: boolean): Promise<void> {
    this.#replicas.set(id, await this.#build(build, registers ? [] : null));
  }

  async refresh(id: number): Promise<ReadinessState> {
    const { state } = await this.#replica(id).readiness.refreshed();
    return state;
  }

  async stop(id: number): Promise<void> {
    await this.#replica(id).readiness.stop();
  }

  async pass(ms: number): Promise<void> {
    if (!(await this.#hasLedger())) return;
    const past = (column: string): string =>
      this.#mysql
        ? `${column} = ${column} - interval ${ms * 1000} microsecond`
        : `${column} = ${column} - interval '${ms} milliseconds'`;
    const columns = ['started_at', 'seen_at', 'lease_until'].map(past).join(', ');
    await this.database.query(`update ${this.#own('migration_instances')} set ${columns}`);
    await this.database.query(
      `update ${this.#own('migration_attempts')} set ${past('started_at')} where kind = 'gate'`,
    );
  }

  async truncate(): Promise<void> {
    await this.database.query(`truncate table ${this.#own('migration_instances')}`);
  }

  async poison(on: boolean): Promise<void> {
    await this.database.query('delete from poison');
    if (on) await this.database.query('insert into poison values (1)');
  }

  up(request: UpRequest, boot: (() => Promise<void>) | null): Promise<RunOutcome> {
    return this.#run(request, boot, async (runner, said) => {
      const { deferred } = await runner.up({ ...said, backfills: request.rows });
      return deferred.length > 0;
    });
  }

  down(request: DownRequest, boot: (() => Promise<void>) | null): Promise<RunOutcome> {
    const to = this.steps[request.to - 1]?.tag ?? null;
    return this.#run(request, boot, async (runner, said) => {
      await runner.down({ to, ...said });
      return false;
    });
  }

  async work(): Promise<void> {
    const worker = await this.#build(this.steps.length, null);
    try {
      await worker.backfills.run();
    } finally {
      await worker.close();
    }
  }

  /** @param work returns whether something was deferred */
  async #run(
    { build, said, when }: Run,
    boot: (() => Promise<void>) | null,
    work: (
      runner: Migrator,
      said: { readonly fleetConfirmed: boolean; readonly allowDowntime: boolean },
    ) => Promise<boolean>,
  ): Promise<RunOutcome> {
    let looks = 0;
    // The first look is before anything is made, the second plans, the third is behind the announcement.
    const booting: FleetProbe = {
      name: 'boots',
      look: async () => {
        looks += 1;
        if (looks === (when === 'before' ? 2 : 3)) await boot?.();
        return [];
      },
    };
    const runner = await this.#build(build, boot === null ? [] : [booting]);
    try {
      const deferred = await work(runner, {
        fleetConfirmed: said === 'confirmed',
        allowDowntime: said === 'downtime',
      });
      return { applied: await this.#applied(), deferred, code: null };
    } catch (error) {
      if (!isMigratorError(error)) throw error;
      return { applied: await this.#applied(), deferred: false, code: error.code };
    } finally {
      await runner.close();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#replicas.values()].map((migrator) => migrator.close()));
    await Promise.all([...this.#journals.values()].map((journal) => journal.remove()));
    await this.database.drop();
  }

  #replica(id: number): Migrator {
    const replica = this.#replicas.get(id);
    if (replica === undefined) throw new TypeError('no such replica');
    return replica;
  }

  /** @param probes null = it does not register */
  async #build(build: number, probes: readonly FleetProbe[] | null): Promise<Migrator> {
    const { dialect } = this.version;
    let journal = this.#journals.get(build);
    if (journal === undefined) {
      const migrations = this.steps.slice(0, build).map((step) => ({
        tag: step.tag,
        sql: sqlOf(step),
        ...(step.operation === undefined && { down: downOf(step) }),
      }));
      journal = await writeJournal(migrations, { dialect });
      this.#journals.set(build, journal);
    }
    return createMigrator({
      database: { dialect, url: this.database.url },
      migrations: journal.folder,
      operations: operationsOf(this.steps.slice(0, build)),
      build: `b${build}`,
      fleet: probes === null ? { mode: 'off' } : { probes },
    });
  }

  async #applied(): Promise<number> {
    if (!(await this.#hasLedger())) return 0;
    const [row] = await this.database.query<{ n: string | number }>(
      `select count(*) as n from ${this.#own('__drizzle_migrations')}`,
    );
    return Number(row?.n);
  }

  async #hasLedger(): Promise<boolean> {
    const [row] = await this.database.query<{ n: string | number }>(
      `select count(*) as n from information_schema.tables where table_name = 'migration_instances' and table_schema = ${this.#mysql ? 'database()' : `'drizzle'`}`,
    );
    return Number(row?.n) > 0;
  }

  #own(table: string): string {
    return this.#mysql ? table : `drizzle.${table}`;
  }
}

/** Those that a build's journal calls. */
function operationsOf(steps: readonly Step[]): readonly RenameColumn[] {
  return steps.flatMap(({ operation }) =>
    operation?.phase === 'expand'
      ? [renameColumn(operation.name, { table: 't', from: operation.from, to: operation.to })]
      : [],
  );
}

function sqlOf({ impact, adds, drops, operation }: Step): string {
  const [added] = adds;
  const [dropped] = drops;
  if (operation?.phase === 'rows') {
    const lines = `-- @operation ${operation.name} backfill\n-- @operation ${operation.name} verify`;
    return `${MAY_FAIL}\n${lines}`;
  }
  if (adds.length > 1) {
    const columns = adds.map((column) => `${column} varchar(20)`).join(', ');
    return [
      `create table t (id int primary key, ${columns});`,
      'create table poison (id int primary key);',
    ].join(BREAKPOINT);
  }
  const change =
    impact === 'expand'
      ? `alter table t add column ${added} varchar(20);`
      : impact === 'contract'
        ? `alter table t drop column ${dropped};`
        : `alter table t rename column ${dropped} to ${added};`;
  const line =
    operation === undefined ? '' : `-- @operation ${operation.name} ${operation.phase}\n`;
  return [MAY_FAIL, `${line}${change}`].join(BREAKPOINT);
}

function downOf({ impact, adds, drops }: Step): string {
  const [added] = adds;
  const [dropped] = drops;
  const change =
    impact === 'expand'
      ? `alter table t drop column ${added};`
      : impact === 'contract'
        ? `alter table t add column ${dropped} varchar(20);`
        : `alter table t rename column ${added} to ${dropped};`;
  return [MAY_FAIL, change].join(BREAKPOINT);
}
