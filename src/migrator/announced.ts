import { isMigratorError } from '../errors.js';
import type { Emit, RunEventBody, WorkUnit } from '../run-events.js';

type Finished = Extract<RunEventBody, { type: 'run.finished' }>;

/** A run as its first and last event tell of it. */
export interface Announcement {
  readonly command: string;
  readonly unit: WorkUnit;
  readonly build: string | null;
  readonly emit: Emit;
  /** Units that are done so far. */
  readonly applied: () => number;
}

/** Work between `run.started` and `run.finished`, whatever comes of it. */
export async function announced<T>(
  { command, unit, build, emit, applied }: Announcement,
  work: (sinceMs: () => number) => Promise<T>,
): Promise<T> {
  const began = performance.now();
  const sinceMs = (): number => Math.round(performance.now() - began);
  const finished = (outcome: Finished['outcome']): Finished => {
    return { type: 'run.finished', unit, outcome, applied: applied(), durationMs: sinceMs() };
  };
  emit({ type: 'run.started', command, build });
  try {
    const result = await work(sinceMs);
    emit(finished(applied() > 0 ? 'applied' : 'nothing-to-do'));
    return result;
  } catch (error) {
    const code = isMigratorError(error) ? error.code : 'INTERNAL';
    emit({ ...finished(code.startsWith('INTERRUPTED_') ? 'interrupted' : 'failed'), code });
    throw error;
  }
}
