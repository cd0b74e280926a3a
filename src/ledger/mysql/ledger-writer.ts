import type { Session } from '../../database/database.js';
import { bindParameters } from '../../database/mysql/bind-parameters.js';
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

/**
 * Writes on MySQL and MariaDB. Each statement reads the fence row with a shared lock as part of itself (INSERT ... SELECT, UPDATE ... WHERE EXISTS)
 * and its row count says whether the fence held. Two-table writes are two statements, which the caller's transaction holds together.
 */
export class MysqlLedgerWriter implements LedgerWriter {
  readonly #session: Session;
  readonly #attempts: string;
  readonly #ledger: string;

  constructor(private readonly context: WriterContext) {
    this.#session = context.session;
    this.#attempts = ownTable('mysql', context.location, 'migration_attempts');
    this.#ledger = ledgerTable('mysql', context.location);
  }

  async begin(facts: MigrationFacts, progress: Progress): Promise<string> {
    await this.#insertAttempt(facts, {
      kind: kindOf(facts),
      state: 'running',
      errorCode: null,
      reason: null,
      durationMs: null,
      ...progress,
    });
    const [row] = await this.#session.query<{ readonly id: string }>(
      'select cast(last_insert_id() as char) as id',
    );
    return row?.id ?? '';
  }

  async advance(id: string, { cursor, inFlight, digest }: Progress): Promise<void> {
    await this.#update(
      'statement_cursor = ?, in_flight = ?, objects_digest = ?',
      [cursor, inFlight, digest],
      id,
    );
  }

  async complete(id: string, facts: MigrationFacts): Promise<void> {
    await this.#changeRow(facts);
    await this.#update(
      `state = 'done', statement_cursor = statements, in_flight = null, objects_digest = null, finished_at = current_timestamp(3)`,
      [],
      id,
    );
  }

  async record(facts: MigrationFacts): Promise<void> {
    await this.#changeRow(facts);
    await this.#insertAttempt(facts, finished(kindOf(facts), 'done', facts));
  }

  async fail(id: string, state: 'failed' | 'interrupted', errorCode: string): Promise<boolean> {
    return this.#tryUpdate(
      'state = ?, error_code = ?, finished_at = current_timestamp(3)',
      [state, errorCode],
      id,
    );
  }

  async recordFailure(
    facts: MigrationFacts,
    state: 'failed' | 'interrupted',
    errorCode: string,
    durationMs: number,
  ): Promise<boolean> {
    return this.#tryInsertAttempt(
      facts,
      finished(kindOf(facts), state, facts, { errorCode, durationMs }),
    );
  }

  async gate(tag: string, by: string, detail: Readonly<Record<string, unknown>>): Promise<void> {
    const facts = gateFacts(tag, detail);
    await this.#insertAttempt(facts, finished('gate', 'done', facts, { reason: by }));
  }

  async action(given: ActionFacts): Promise<void> {
    const facts = actionFacts(given);
    await this.#insertAttempt(facts, finished('action', 'done', facts));
  }

  async interruptStale(): Promise<number> {
    const { fenceCheck, scope, fence } = this.context;
    const held = await this.#session.query(fenceCheck.sql(1), fenceCheck.params);
    if (held.length !== 1) throw this.#fenced();
    const stale = await this.#session.query<{ readonly id: string }>(
      `select cast(id as char) as id from ${this.#attempts} where scope = ? and state = 'running' and fence < cast(? as unsigned)`,
      [scope, fence],
    );
    for (const { id } of stale)
      await this.#update(`state = 'interrupted', finished_at = current_timestamp(3)`, [], id);
    return stale.length;
  }

  async baseline(facts: MigrationFacts, reason: string | null): Promise<void> {
    await this.#insertRow(facts);
    await this.#insertAttempt(facts, finished('baseline', 'done', facts, { reason }));
  }

  async repair(facts: RepairFacts, writeLedgerRow: boolean): Promise<void> {
    const { resolution, reason, cursor, inFlight } = facts;
    if (writeLedgerRow) await this.#insertRow(facts);
    await this.#insertAttempt(
      { ...facts, detail: { ...facts.detail, resolution } },
      finished('repair', 'done', facts, { reason, cursor, inFlight }),
    );
  }

  /** Adds the row, or on the way back deletes it. */
  async #changeRow(facts: MigrationFacts): Promise<void> {
    if (facts.reverts === undefined) return this.#insertRow(facts);
    const ids = facts.reverts;
    const { rowCount } = await this.#session.execute(
      bindParameters(
        `delete from ${this.#ledger} where id in (${ids.map(() => 'cast(? as unsigned)').join(', ')}) and exists (select 1 from (${this.#held()}) fenced)`,
        [...ids, ...this.context.fenceCheck.params],
      ),
    );
    if (rowCount !== 0) return;
    // Somebody may have deleted the row by hand: only a fence that is another's is in the way.
    const held = await this.#session.query(this.#held(), this.context.fenceCheck.params);
    if (held.length !== 1) throw this.#fenced();
  }

  async #insertRow({ fileChecksum, createdAtMs, tag }: MigrationFacts): Promise<void> {
    const named = this.context.version === 'v1';
    const columns = named ? '`hash`, `created_at`, `name`' : '`hash`, `created_at`';
    const values = [fileChecksum, createdAtMs, ...(named ? [tag] : [])];
    await this.#mustWrite(
      `insert into ${this.#ledger} (${columns}) select ${values.map(() => '?').join(', ')} from (${this.#held()}) fenced`,
      [...values, ...this.context.fenceCheck.params],
    );
  }

  async #insertAttempt(facts: MigrationFacts, attempt: NewAttempt): Promise<void> {
    if (!(await this.#tryInsertAttempt(facts, attempt))) throw this.#fenced();
  }

  #tryInsertAttempt(facts: MigrationFacts, attempt: NewAttempt): Promise<boolean> {
    const values = attemptValues(this.context, facts, attempt);
    const over = attempt.durationMs !== null;
    const times = over
      ? ', current_timestamp(3) - interval ? * 1000 microsecond, current_timestamp(3)'
      : '';
    return this.#write(
      `insert into ${this.#attempts} (${COLUMNS}${over ? ', started_at, finished_at' : ''})
       select ${values.map(() => '?').join(', ')}${times} from (${this.#held()}) fenced`,
      [
        ...values,
        ...(attempt.durationMs === null ? [] : [elapsedMs(attempt.durationMs)]),
        ...this.context.fenceCheck.params,
      ],
    );
  }

  async #update(set: string, values: readonly unknown[], id: string): Promise<void> {
    if (!(await this.#tryUpdate(set, values, id))) throw this.#fenced();
  }

  #tryUpdate(set: string, values: readonly unknown[], id: string): Promise<boolean> {
    return this.#write(
      `update ${this.#attempts} set ${set} where id = cast(? as unsigned) and exists (select 1 from (${this.#held()}) fenced)`,
      [...values, id, ...this.context.fenceCheck.params],
    );
  }

  async #mustWrite(sql: string, params: readonly unknown[]): Promise<void> {
    if (!(await this.#write(sql, params))) throw this.#fenced();
  }

  async #write(sql: string, params: readonly unknown[]): Promise<boolean> {
    const { rowCount } = await this.#session.execute(bindParameters(sql, params));
    return rowCount === 1;
  }

  #held(): string {
    return this.context.fenceCheck.sql(1);
  }

  #fenced(): Error {
    return fenced(this.context.scope, this.context.fence);
  }
}

/** InnoDB does not tell when a transaction began, and no migration is recorded in its own one here: each was announced. */
function elapsedMs(durationMs: number | 'transaction'): number {
  return durationMs === 'transaction' ? 0 : Math.round(durationMs);
}
