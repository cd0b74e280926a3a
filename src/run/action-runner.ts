import { rollback } from '../database/with-transaction.js';
import { MigratorError } from '../errors.js';
import type { OperationAction } from '../operations/operation-action.js';
import type { TableFacts } from '../operations/table-facts.js';
import type { OperationPhase } from '../run-events.js';
import type { BlockerWatch } from './blocker-watch.js';
import { cancellable } from './cancellation.js';
import type { DialectRun, StepTiming } from './dialect-run.js';
import { lookUnderLadder } from './look-under-ladder.js';
import { climbFor, watchFor, type BlockedTry } from './table-lock-waits.js';
import type { RunContext } from './target.js';

/** What the actions of one phase are carried out with. */
export interface ActionDeps {
  readonly context: RunContext;
  readonly dialectRun: DialectRun;
  readonly watch: BlockerWatch;
  readonly timing: StepTiming;
  readonly lockLadderMs: number;
  /** Looks at the operation's table again; called through {@link readTable}. */
  readonly readFacts: () => Promise<TableFacts>;
  /** Puts an action on record, in the transaction that is open or in one of its own. */
  readonly record: (action: string, statements: number) => Promise<void>;
}

/** Where a phase stands. */
export interface AtAction {
  /** Of the action. */
  readonly id: string;
  /** What the server was sent last; null = nothing but reads yet. */
  readonly sql: string | null;
}

/**
 * Carries out the actions of a phase in order. The catalogue is asked before each whether it is done already, and after it whether it
 * is done now: a run that dies between a statement and its record goes on in the next one.
 */
export class ActionRunner {
  /** null = before the first action. */
  #at: AtAction | null = null;

  constructor(
    private readonly operation: string,
    private readonly phase: OperationPhase,
    private readonly deps: ActionDeps,
  ) {}

  /** The action at work, or the one that failed; null = none. */
  get at(): AtAction | null {
    return this.#at;
  }

  /** @throws what the ladder and the session throw, as they give it */
  async run(actions: readonly OperationAction[]): Promise<void> {
    for (const action of actions) await this.#one(action);
    this.#at = null;
  }

  async #one(action: OperationAction): Promise<void> {
    const { context } = this.deps;
    const began = performance.now();
    this.#at = { id: action.id, sql: null };
    context.signal.throwIfAborted();
    context.lock.assertHeld();
    const before = await readTable(this.operation, this.deps);
    if (action.isDone(before)) {
      this.#tell(action, 'already-done', began);
      return;
    }
    for (const sql of action.cleanUp?.(before) ?? []) await this.#alone(action, sql);
    switch (action.mode) {
      case 'transaction':
        await this.#inTransaction(action);
        break;
      case 'autocommit':
        await this.#oneByOne(action);
        break;
      case 'locked-tables':
        await this.#withLockedTables(action);
        break;
    }
    if (!action.isDone(await readTable(this.operation, this.deps)))
      throw notDone(this.operation, action.id);
    this.#tell(action, 'done', began);
  }

  async #inTransaction(action: OperationAction): Promise<void> {
    const { context, dialectRun, timing } = this.deps;
    const { session } = context.lock;
    await this.#climb(action, async () => {
      context.lock.assertHeld();
      try {
        await this.#cancellable(action, async () => {
          await dialectRun.begin(session, timing, true);
          for (const sql of action.statements) await session.execute(this.#sent(action, sql));
          await this.deps.record(action.id, action.statements.length);
          await session.query('commit');
        });
      } catch (error) {
        await rollback(session);
        throw error;
      }
    });
  }

  async #oneByOne(action: OperationAction): Promise<void> {
    await this.#restoring(action, async () => {
      for (const sql of action.statements) await this.#alone(action, sql);
    });
    await this.deps.record(action.id, action.statements.length);
  }

  /**
   * Nothing of ours is sent between LOCK TABLES and its end: a transaction would give the lock back. Only the wait for the lock is tried
   * again; what fails behind it is for the next run, which looks at the catalogue first.
   */
  async #withLockedTables(action: OperationAction): Promise<void> {
    const { context, dialectRun, timing } = this.deps;
    const { session } = context.lock;
    const [lock = '', ...rest] = action.statements;
    await this.#restoring(action, async () => {
      await this.#climb(action, async () => {
        await context.lock.checkFence(session);
        await this.#cancellable(action, () =>
          dialectRun.alone(session, this.#sent(action, lock), timing, false),
        );
      });
      await this.#cancellable(action, async () => {
        for (const sql of rest) await session.execute(this.#sent(action, sql));
      });
    });
    await this.deps.record(action.id, action.statements.length);
  }

  /** Work, then all that its action restores, whatever of either fails. The first error is the one to report. */
  async #restoring(action: OperationAction, work: () => Promise<void>): Promise<void> {
    const { session } = this.deps.context.lock;
    const failures: unknown[] = [];
    const keep = (error: unknown): void => void failures.push(error);
    await work().catch(keep);
    for (const sql of action.restore ?? []) {
      // A session that is lost has restored everything.
      if (!session.lost.aborted) await session.query(sql).catch(keep);
    }
    if (failures.length > 0) throw failures[0];
  }

  async #alone(action: OperationAction, sql: string): Promise<void> {
    const { context, dialectRun, timing } = this.deps;
    const { session } = context.lock;
    await this.#climb(action, async () => {
      await context.lock.checkFence(session);
      await this.#cancellable(action, () =>
        dialectRun.alone(session, this.#sent(action, sql), timing, action.waitsForOthers === true),
      );
    });
  }

  async #cancellable(action: OperationAction, work: () => Promise<void>): Promise<void> {
    const { context, watch, timing } = this.deps;
    await watchFor(watch, timing.lockTimeoutMs, this.#blocked(action), () =>
      cancellable(context.lock.session, context.signal, () => 'cancel', work),
    );
  }

  async #climb(action: OperationAction, work: () => Promise<void>): Promise<void> {
    await climbFor(this.deps, this.#blocked(action), work);
  }

  #sent({ id }: OperationAction, sql: string): string {
    this.#at = { id, sql };
    return sql;
  }

  #blocked({ id }: OperationAction): (blocked: BlockedTry) => void {
    const { emit } = this.deps.context;
    return (blocked) =>
      emit({ type: 'operation.blocked', operation: this.operation, action: id, ...blocked });
  }

  #tell(action: OperationAction, outcome: 'done' | 'already-done', began: number): void {
    this.deps.context.emit({
      type: 'operation.action',
      operation: this.operation,
      phase: this.phase,
      action: action.id,
      outcome,
      durationMs: Math.round(performance.now() - began),
    });
  }
}

/** Looks at an operation's table, and waits for who has it locked as an action does. */
export function readTable(operation: string, deps: ActionDeps): Promise<TableFacts> {
  return lookUnderLadder({ operation, what: 'read-table' }, deps, deps.readFacts);
}

function notDone(operation: string, action: string): MigratorError {
  return new MigratorError('INTERNAL', {
    message: `Action ${action} of operation ${operation} was carried out, and the catalogue does not show it.`,
    state: 'What was done before it stays; nothing after it was begun.',
    remedy: 'Run the command again; if it stops here again, report it.',
  });
}
