import type { RunEvent, RunListener } from '../run-events.js';
import { describeEvent, type LogLevel } from './describe-event.js';
import { jsonLineOf } from './log-record.js';

/** Options of {@link createRunLog}. */
export interface RunLogOptions {
  /** `text` for people, `json` for machines: one event a line. @default 'text' */
  readonly format?: 'text' | 'json';
  /** Also what happens statement by statement. @default false */
  readonly verbose?: boolean;
}

/** Milliseconds between two lines about one wait for the lock, or about one pass over rows. */
const LINE_EVERY_MS = 10_000;

/**
 * The run log: the first listener of run events. Writes a line a call, without the newline: one at the start and one at the end
 * of each migration, waits with the one waited for, warnings, and the outcome.
 *
 * @example
 * ```ts
 * migrator.onEvent(createRunLog((line) => process.stderr.write(`${line}\n`)));
 * ```
 */
export function createRunLog(
  write: (line: string, level: LogLevel) => void,
  options: RunLogOptions = {},
): RunListener {
  const isWorthALine = createRunLogFilter(options);
  return (event) => {
    if (!isWorthALine(event)) return;
    const { level, text } = describeEvent(event);
    write(options.format === 'json' ? jsonLineOf(event) : text, level);
  };
}

/** Leaves out statements unless asked for, most of the polls of one wait, and most of what a backfill tells every second. */
export function createRunLogFilter(options: Pick<RunLogOptions, 'verbose'> = {}) {
  let nextWaitingLineMs = 0;
  let nextProgressLineMs = 0;
  return (event: RunEvent): boolean => {
    if (event.type === 'lock.waiting') {
      if (event.waitedMs < nextWaitingLineMs) return false;
      nextWaitingLineMs = event.waitedMs + LINE_EVERY_MS;
      return true;
    }
    if (event.type === 'backfill.started') nextProgressLineMs = event.at + LINE_EVERY_MS;
    if (event.type === 'backfill.progress') {
      if (event.at < nextProgressLineMs) return options.verbose === true;
      nextProgressLineMs = event.at + LINE_EVERY_MS;
      return true;
    }
    if (event.type === 'lock.acquired' || event.type === 'run.started') nextWaitingLineMs = 0;
    return options.verbose === true || describeEvent(event).level !== 'debug';
  };
}
