import type { MigrationAction, StatementStep } from '../plan/plan.js';
import { statementAt } from '../plan/steps.js';
import type { Emit } from '../run-events.js';
import { summary } from '../statements/summary.js';
import type { BlockerWatch } from './blocker-watch.js';
import { watchFor } from './table-lock-waits.js';

/** A statement that is about to run. */
export interface WatchedStatement {
  readonly action: MigrationAction;
  readonly step: StatementStep;
  readonly transactional: boolean;
  /** Milliseconds that it may wait for a lock: who is in the way is looked at before that time is over. */
  readonly lockTimeoutMs: number;
}

/** Events around a statement, and an eye on who blocks it. What `work` throws is its caller's. */
export async function watchStatement<T>(
  { action, step, transactional, lockTimeoutMs }: WatchedStatement,
  emit: Emit,
  watch: BlockerWatch,
  work: () => Promise<T>,
): Promise<T> {
  const statement = statementAt(action.migration, step);
  const about = { tag: action.id, statement: step.index + 1 };
  const began = performance.now();
  emit({
    type: 'statement.started',
    ...about,
    line: statement.line,
    summary: summary(statement, statement.is),
    transactional,
  });
  const result = await watchFor(
    watch,
    lockTimeoutMs,
    (blocked) => emit({ type: 'statement.blocked', ...about, ...blocked }),
    work,
  );
  emit({ type: 'statement.finished', ...about, durationMs: Math.round(performance.now() - began) });
  return result;
}
