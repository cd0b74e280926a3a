import { StatementError, type Session } from '../../database/database.js';
import { fenced } from '../../lock/lock-errors.js';
import {
  actionFacts,
  attemptValues,
  finished,
  gateFacts,
  INSERTED_COLUMNS,
  kindOf,
  type NewAttempt,
} from '../attempt-values.js';
import type {
  ActionFacts,
  LedgerWriter,
  MigrationFacts,
  Progress,
  RepairFacts,
  WriterContext,
} from '../ledger-writes.js';
import { ledgerTable, ownTable } from '../location.js';

const COLUMNS = INSERTED_COLUMNS.map(([name]) => name).join(', ');

/** Writes on Postgres: every call is one statement, a CTE whose first part is the fence check and whose other parts select from it. */
export class PostgresLedgerWriter implements LedgerWriter {
  readonly #session: Session;
  readonly #attempts: string;
  readonly #ledger: string;

  constructor(private readonly context: WriterContext) {
    this.#session = context.session;
    this.#attempts = ownTable('postgresql', context.location, 'migration_attempts');
    this.#ledger = ledgerTable('postgresql', context.location);
  }

  async begin(facts: MigrationFacts, progress: Progress): Promise<string> {
    const sql = new FencedStatement(this.context);
    sql.part(
      'attempt',
      this.#insertAttempt(sql, facts, { ...running(facts), ...progress }, 'id::text'),
    );
    const id = await sql.run(this.#session, `(select id from attempt)`);
    if (id === null) throw this.#fenced();
    return id;
  }

  async advance(id: string, progress: Progress): Promise<void> {
    const sql = new FencedStatement(this.context);
    const values = [progress.cursor, progress.inFlight, progress.digest].map((value) =>
      sql.param(value),
    );
    sql.part(
      'attempt',
      `update ${this.#attempts} set statement_cursor = ${values[0]}::int, in_flight = ${values[1]}::int, objects_digest = ${values[2]}
        where id = ${sql.param(id)}::bigint and exists (select 1 from held)`,
    );
    await this.#write(sql);
  }

  async complete(id: string, facts: MigrationFacts): Promise<void> {
    const sql = new FencedStatement(this.context);
    sql.part('ledger', this.#changeRow(sql, facts));
    sql.part(
      'attempt',
      `update ${this.#attempts} set state = 'done', statement_cursor = statements, in_flight = null, objects_digest = null,
              finished_at = clock_timestamp() where id = ${sql.param(id)}::bigint and exists (select 1 from held)`,
    );
    await this.#write(sql);
  }

  async record(facts: MigrationFacts): Promise<void> {
    const sql = new FencedStatement(this.context);
    sql.part('ledger', this.#changeRow(sql, facts));
    sql.part(
      'attempt',
      this.#insertAttempt(
        sql,
        facts,
        finished(kindOf(facts), 'done', facts, { durationMs: 'transaction' }),
      ),
    );
    await this.#write(sql);
  }

  async fail(id: string, state: 'failed' | 'interrupted', errorCode: string): Promise<boolean> {
    const sql = new FencedStatement(this.context);
    sql.part(
      'attempt',
      `update ${this.#attempts} set state = ${sql.param(state)}, error_code = ${sql.param(errorCode)}, finished_at = clock_timestamp()
        where id = ${sql.param(id)}::bigint and exists (select 1 from held)`,
    );
    return (await sql.run(this.#session)) !== null;
  }

  async recordFailure(
    facts: MigrationFacts,
    state: 'failed' | 'interrupted',
    errorCode: string,
    durationMs: number,
  ): Promise<boolean> {
    const sql = new FencedStatement(this.context);
    const attempt = finished(kindOf(facts), state, facts, { errorCode, durationMs });
    sql.part('attempt', this.#insertAttempt(sql, facts, attempt));
    return (await sql.run(this.#session)) !== null;
  }

  async gate(tag: string, by: string, detail: Readonly<Record<string, unknown>>): Promise<void> {
    const facts = gateFacts(tag, detail);
    const sql = new FencedStatement(this.context);
    sql.part(
      'attempt',
      this.#insertAttempt(sql, facts, finished('gate', 'done', facts, { reason: by })),
    );
    await this.#write(sql);
  }

  async action(given: ActionFacts): Promise<void> {
    const facts = actionFacts(given);
    const sql = new FencedStatement(this.context);
    const attempt = finished('action', 'done', facts, { durationMs: 'transaction' });
    sql.part('attempt', this.#insertAttempt(sql, facts, attempt));
    await this.#write(sql);
  }

  async interruptStale(): Promise<number> {
    const sql = new FencedStatement(this.context);
    sql.part(
      'attempt',
      `update ${this.#attempts} set state = 'interrupted', finished_at = clock_timestamp()
        where scope = ${sql.param(this.context.scope)} and state = 'running' and fence < ${sql.param(this.context.fence)}::bigint
          and exists (select 1 from held) returning id`,
    );
    const count = await sql.run(this.#session, '(select count(*)::text from attempt)');
    if (count === null) throw this.#fenced();
    return Number(count);
  }

  async baseline(facts: MigrationFacts, reason: string | null): Promise<void> {
    const sql = new FencedStatement(this.context);
    sql.part('ledger', this.#insertRow(sql, facts));
    sql.part(
      'attempt',
      this.#insertAttempt(sql, facts, finished('baseline', 'done', facts, { reason })),
    );
    await this.#write(sql);
  }

  async repair(facts: RepairFacts, writeLedgerRow: boolean): Promise<void> {
    const sql = new FencedStatement(this.context);
    const { resolution, reason, cursor, inFlight } = facts;
    const answered = { ...facts, detail: { ...facts.detail, resolution } };
    if (writeLedgerRow) sql.part('ledger', this.#insertRow(sql, facts));
    sql.part(
      'attempt',
      this.#insertAttempt(
        sql,
        answered,
        finished('repair', 'done', facts, { reason, cursor, inFlight }),
      ),
    );
    await this.#write(sql);
  }

  /** Adds the row, or on the way back deletes it. */
  #changeRow(sql: FencedStatement, facts: MigrationFacts): string {
    if (facts.reverts === undefined) return this.#insertRow(sql, facts);
    return `delete from ${this.#ledger} where id::bigint = any(${sql.param(`{${facts.reverts.join(',')}}`)}::bigint[]) and exists (select 1 from held)`;
  }

  #insertRow(sql: FencedStatement, { fileChecksum, createdAtMs, tag }: MigrationFacts): string {
    const values = [sql.param(fileChecksum), `${sql.param(createdAtMs)}::bigint`];
    if (this.context.version === 'v1') values.push(sql.param(tag));
    const columns = this.context.version === 'v1' ? 'hash, created_at, name' : 'hash, created_at';
    return `insert into ${this.#ledger} (${columns}) select ${values.join(', ')} from held`;
  }

  #insertAttempt(
    sql: FencedStatement,
    facts: MigrationFacts,
    attempt: NewAttempt,
    returning?: string,
  ): string {
    const values = attemptValues(this.context, facts, attempt).map(
      (value, index) => `${sql.param(value)}::${INSERTED_COLUMNS[index]?.[1] ?? 'text'}`,
    );
    const over = attempt.durationMs !== null;
    const times = over ? `, ${this.#began(sql, attempt)}, clock_timestamp()` : '';
    return `insert into ${this.#attempts} (${COLUMNS}${over ? ', started_at, finished_at' : ''})
      select ${values.join(', ')}${times} from held${returning === undefined ? '' : ` returning ${returning} as id`}`;
  }

  /** A migration that is recorded in its own transaction began when that did. */
  #began(sql: FencedStatement, { durationMs }: NewAttempt): string {
    if (durationMs === 'transaction') return 'transaction_timestamp()';
    return `clock_timestamp() - ${sql.param(durationMs)}::double precision * interval '1 millisecond'`;
  }

  async #write(sql: FencedStatement): Promise<void> {
    if ((await sql.run(this.#session)) === null) throw this.#fenced();
  }

  #fenced(): Error {
    return fenced(this.context.scope, this.context.fence);
  }
}

function running(facts: MigrationFacts): NewAttempt {
  return {
    kind: kindOf(facts),
    state: 'running',
    cursor: 0,
    inFlight: null,
    digest: null,
    errorCode: null,
    reason: null,
    durationMs: null,
  };
}

/** A statement whose parts do their work only while the fence is ours. */
class FencedStatement {
  readonly #params: unknown[];
  readonly #parts: string[];

  constructor({ fenceCheck }: WriterContext) {
    this.#params = [...fenceCheck.params];
    this.#parts = [`held as materialized (${fenceCheck.sql(1)})`];
  }

  /** The placeholder of a further parameter. */
  param(value: unknown): string {
    this.#params.push(value);
    return `$${this.#params.length}`;
  }

  part(name: string, sql: string): void {
    this.#parts.push(`${name} as (${sql})`);
  }

  /**
   * A lost fence is an error to the server too, so that a COMMIT which is already on its way behind this statement rolls back.
   *
   * @returns what `result` selects, or null when the fence is not ours any more
   */
  async run(session: Session, result = `''`): Promise<string | null> {
    try {
      const rows = await session.query<{ readonly result: string | null }>(
        `with ${this.#parts.join(',\n')}\nselect ${result} as result, ${FAIL_UNLESS_HELD}`,
        this.#params,
        // The same few texts for every migration: parsing and planning them was half of what they cost.
        { prepare: true },
      );
      return rows[0]?.result ?? '';
    } catch (error) {
      if (error instanceof StatementError && error.facts.code === DIVISION_BY_ZERO) return null;
      throw error;
    }
  }
}

/** No row of the fence, and the statement fails; nothing else in it divides. */
const FAIL_UNLESS_HELD = '1 / (select count(*) from held) as held';
const DIVISION_BY_ZERO = '22012';
