import { printable } from '../../report/printable.js';
import type { RunEvent } from '../../run-events.js';
import { count, duration } from './wording.js';

type Progress = Extract<RunEvent, { type: 'backfill.progress' }>;

/** Characters of the bar itself. */
const BAR = 24;

/** How far a backfill is, as one line of a terminal that is `columns` wide. Pure; a bar only where the estimate allows one. */
export function progressBar(event: Progress, columns: number): string {
  const { operation, pass, rows, estimatedRows, rowsPerSecond, etaMs, database } = event;
  const name = database === 'default' ? operation : `${database}: ${operation}`;
  const share =
    estimatedRows === null || estimatedRows < Math.max(rows, 1) ? null : rows / estimatedRows;
  const facts = [
    `${name} ${pass}`,
    ...(share === null ? [] : [`${bar(share)} ${String(Math.floor(share * 100)).padStart(3)} %`]),
    count(rows, 'row'),
    `${rowsPerSecond} rows/s`,
    ...(etaMs === null ? [] : [`${duration(etaMs)} left`]),
  ];
  // A line that wraps is not overwritten by the next one.
  return Array.from(printable(facts.join('  ')))
    .slice(0, Math.max(0, columns - 1))
    .join('');
}

/**
 * What a terminal is to show in its last line after an event: a text, null = nothing any more, undefined = what it shows now.
 * Reasons to wait stand in the log above it.
 */
export function liveLineAfter(event: RunEvent, columns: number): string | null | undefined {
  if (event.type === 'backfill.progress') return progressBar(event, columns);
  return event.type === 'backfill.finished' || event.type === 'run.finished' ? null : undefined;
}

function bar(share: number): string {
  const done = Math.floor(share * BAR);
  return `[${'#'.repeat(done)}${'-'.repeat(BAR - done)}]`;
}
