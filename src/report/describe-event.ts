import type { Reason } from '../readiness/readiness.js';
import type { RunEvent, WorkUnit } from '../run-events.js';
import { formatBytes } from '../wording/bytes.js';
import { count } from '../wording/count.js';
import { formatDuration } from '../wording/duration.js';
import { describeHolder } from '../wording/holder.js';
import { describeSession } from '../wording/session.js';
import { printable } from './printable.js';

/** How loud a line is. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line of the run log. */
export interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
}

/** An event as one line. Pure; holds what the event holds, and nothing else: tags, counts, codes, durations. */
export function describeEvent(event: RunEvent): LogLine {
  const { level, text } = lineOf(event);
  return {
    level,
    text: printable(event.database === 'default' ? text : `${event.database}: ${text}`),
  };
}

function lineOf(event: RunEvent): LogLine {
  switch (event.type) {
    case 'run.started':
      return debug(`${event.command} started, run ${event.runId}${build(event.build)}`);
    case 'run.planned':
      return event.actions === 0
        ? event.deferred > 0
          ? info(`nothing to do yet, ${event.deferred} deferred`)
          : debug('nothing to do')
        : info(
            `${count(event.actions, WORK[event.unit])} to ${DOING[event.unit]}` +
              (event.deferred > 0 ? `, ${event.deferred} deferred` : ''),
          );
    case 'run.warning': {
      const { finding } = event;
      const where = finding.file === undefined ? finding.tag : place(finding.file, finding.line);
      const text = `${finding.code}: ${finding.message}${where === undefined ? '' : ` (${where})`}`;
      return finding.severity === 'warning' ? warn(text) : info(text);
    }
    case 'run.finished':
      return runFinished(event);
    case 'lock.waiting':
      return info(
        `waiting for the lock for ${formatDuration(event.waitedMs)}: ${describeHolder(event.holder)}`,
      );
    case 'fleet.waiting':
      return info(
        `${event.tag} waits for ${event.instances === 0 ? 'the fleet to be known' : count(event.instances, 'instance')} for ${formatDuration(event.waitedMs)} (nest-migrate fleet shows who runs)`,
      );
    case 'lock.acquired':
      return debug(`lock acquired after ${formatDuration(event.waitedMs)}, fence ${event.fence}`);
    case 'lock.lost':
      return error(`lock lost: ${event.reason}`);
    case 'lock.released':
      return debug(`lock released, fence ${event.fence}`);
    case 'lock.predecessor':
      return warn(`predecessor ${describeHolder(event.holder)} is ${PREDECESSOR[event.action]}`);
    case 'ledger.bootstrapped':
      return info(`own tables brought to ${event.version}`);
    case 'migration.started':
      return info(
        `${event.tag} ${event.reverted === true ? 'way back ' : ''}started: ${event.impact}, ${count(event.statements, 'statement')}` +
          (event.from > 0 ? `, going on after statement ${event.from}` : ''),
      );
    case 'migration.finished':
      return info(
        `${event.tag} ${event.reverted === true ? 'reverted' : 'done'} in ${formatDuration(event.durationMs)}` +
          (event.lockWaitMs > 0
            ? `, of which ${formatDuration(event.lockWaitMs)} waiting for table locks`
            : ''),
      );
    case 'migration.failed': {
      const at = event.statement === undefined ? '' : ` at statement ${event.statement}`;
      const server = event.driver?.code === undefined ? '' : ` (${event.driver.code})`;
      return error(
        `${event.tag} failed${at} after ${formatDuration(event.durationMs)}: ${event.code}${server}`,
      );
    }
    case 'backup.started':
      return info(`${event.tag}: dump of the ${DUMPED[event.content]} started`);
    case 'backup.finished':
      return info(
        `${event.tag}: dump of the ${DUMPED[event.content]} done in ${formatDuration(event.durationMs)}, ${formatBytes(event.bytes)} in ${event.path}`,
      );
    case 'migration.interrupted':
      return warn(`${event.tag} interrupted after ${count(event.cursor, 'statement')}`);
    case 'statement.started':
      return debug(
        `${event.tag} statement ${event.statement}, line ${event.line}: ${event.summary}` +
          (event.transactional ? '' : ' (outside a transaction)'),
      );
    case 'statement.finished':
      return debug(
        `${event.tag} statement ${event.statement} done in ${formatDuration(event.durationMs)}`,
      );
    case 'statement.blocked':
      return warn(
        `${event.tag} statement ${event.statement} ` +
          (event.attempt === 0
            ? 'waits for a lock'
            : `did not get its table lock, try ${event.attempt}; again in ${formatDuration(event.retryInMs)}`) +
          (event.blockers.length === 0
            ? ''
            : `; held up by ${event.blockers.map(describeSession).join('; ')}`),
      );
    case 'index.rebuilt':
      return warn(`${event.tag} found index ${event.index} invalid and rebuilt it`);
    case 'operation.started':
      return info(`${event.operation}: ${event.phase} started`);
    case 'operation.blocked':
      return warn(
        `${event.operation}: ${event.action} waits for a table lock held by ${event.blockers.map(describeSession).join('; ') || 'a session that this role may not see'}` +
          (event.attempt === 0
            ? ''
            : `; try ${event.attempt}, again in ${formatDuration(event.retryInMs)}`),
      );
    case 'operation.action':
      return event.outcome === 'done'
        ? info(`${event.operation}: ${event.action} done in ${formatDuration(event.durationMs)}`)
        : debug(`${event.operation}: ${event.action} was done before`);
    case 'operation.finished':
      return info(
        `${event.operation}: ${event.phase} finished in ${formatDuration(event.durationMs)}, now ${event.state}`,
      );
    case 'backfill.started':
      return info(
        `${event.operation}: ${event.pass} ${event.resumed ? 'goes on' : 'begins'} in ${count(event.ranges, 'range')}` +
          (event.estimatedRows === null ? '' : `, about ${count(event.estimatedRows, 'row')}`),
      );
    case 'backfill.tuned':
      return info(
        `${event.operation}: ${event.pass} works on ${count(event.ranges, 'range')} at a time (${event.measured
          .map(({ ranges, rowsPerSecond }) => `${ranges}: ${rowsPerSecond} rows/s`)
          .join(', ')})`,
      );
    case 'backfill.narrowed':
      return info(
        `${event.operation}: ${event.pass} works on ${count(event.ranges, 'range')} at a time${event.others ? ' while others are at work' : ' again'}`,
      );
    case 'backfill.progress':
      return info(
        `${event.operation}: ${event.pass} ${count(event.rows, 'row')}${percentOf(event)}, ${event.rowsPerSecond} rows/s` +
          (event.etaMs === null ? '' : `, about ${formatDuration(event.etaMs)} left`),
      );
    case 'backfill.throttled':
      return warn(
        `${event.operation}: ${event.pass} waits (${event.reason}): ${event.message}` +
          (event.waitedMs > 0 ? `, for ${formatDuration(event.waitedMs)}` : ''),
      );
    case 'backfill.finished':
      return info(
        `${event.operation}: ${event.pass} went through ${count(event.rows, 'row')} in ${formatDuration(event.durationMs)}` +
          (event.pass === 'verify'
            ? `, ${event.pending} to be done`
            : `, ${event.changed} changed`) +
          (event.failures > 0 ? `, ${event.failures} passed over` : ''),
      );
    case 'readiness.changed': {
      const text = `readiness ${event.from} -> ${event.to}: ${describeReasons(event.reasons)}`;
      const full = event.code === null ? text : `${text} [${event.code}]`;
      return event.to === 'up' ? info(full) : warn(full);
    }
  }
}

const DOING: Readonly<Record<WorkUnit, string>> = {
  migration: 'apply',
  reversal: 'revert',
  phase: 'carry out',
};
const DONE: Readonly<Record<WorkUnit, string>> = {
  migration: 'applied',
  reversal: 'reverted',
  phase: 'carried out',
};

/** What is counted. */
const WORK: Readonly<Record<WorkUnit, string>> = {
  migration: 'migration',
  reversal: 'migration',
  phase: 'phase',
};

const DUMPED = { schema: 'schema', data: 'rows that go' } as const;

const PREDECESSOR = {
  waiting: 'still at work on its session; waiting for it',
  terminated: 'still had a session, which was terminated',
  gone: 'gone',
} as const;

function runFinished(event: Extract<RunEvent, { type: 'run.finished' }>): LogLine {
  const took = formatDuration(event.durationMs);
  const done = `${count(event.applied, WORK[event.unit])} ${DONE[event.unit]}`;
  switch (event.outcome) {
    case 'applied':
      return info(`${done} in ${took}`);
    case 'nothing-to-do':
      return info(`nothing to do (${took})`);
    case 'failed':
      return error(`failed after ${took} with ${done}: ${event.code ?? 'INTERNAL'}`);
    case 'interrupted':
      return warn(`interrupted after ${took} with ${done}`);
  }
}

/** Nothing where rows have overtaken the estimate. */
function percentOf({
  rows,
  estimatedRows,
}: Extract<RunEvent, { type: 'backfill.progress' }>): string {
  if (estimatedRows === null || estimatedRows < Math.max(rows, 1)) return '';
  return ` (${Math.floor((100 * rows) / estimatedRows)} %)`;
}

/** Reasons of readiness, for a sentence: `behind (0003_a, 0004_b, failed)`. */
function describeReasons(reasons: readonly Reason[]): string {
  return reasons
    .map(({ code, tags = [], count: total = tags.length, failed }) => {
      const more = total > tags.length ? [`${total - tags.length} more`] : [];
      const facts = [...tags, ...more, ...(failed === true ? ['failed'] : [])];
      return facts.length > 0 ? `${code} (${facts.join(', ')})` : code;
    })
    .join('; ');
}

function place(file: string, line: number | undefined): string {
  return line === undefined ? file : `${file}:${line}`;
}

function build(name: string | null): string {
  return name === null ? '' : `, build ${name}`;
}

const debug = (text: string): LogLine => ({ level: 'debug', text });
const info = (text: string): LogLine => ({ level: 'info', text });
const warn = (text: string): LogLine => ({ level: 'warn', text });
const error = (text: string): LogLine => ({ level: 'error', text });
