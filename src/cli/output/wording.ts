import type { HolderInfo } from '../../lock/lock.js';
import type { BlockingSession, Finding } from '../../run-events.js';
import { formatDuration } from '../../report/duration.js';
import { describeHolder } from '../../report/describe-event.js';
import type { Style } from './style.js';

/** `1 migration`, `2 migrations`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Who holds the lock, with the id that `unlock --holder` takes. */
export function holder(info: HolderInfo): string {
  const heartbeat =
    info.heartbeatAgeMs === undefined
      ? ''
      : `, last heartbeat ${formatDuration(info.heartbeatAgeMs)} ago`;
  return `${describeHolder(info)}${heartbeat}; id ${info.id}`;
}

export function session(blocking: BlockingSession): string {
  return [
    `session ${blocking.pid}`,
    blocking.role ?? 'role not visible',
    blocking.application ?? 'no application name',
    blocking.state ?? 'state not visible (grant pg_read_all_stats)',
    ...(blocking.transactionAgeMs === null
      ? []
      : [`transaction open for ${formatDuration(blocking.transactionAgeMs)}`]),
  ].join(', ');
}

/** One line a finding, warnings first. */
export function findings(list: readonly Finding[], style: Style): string[] {
  return [...list]
    .toSorted((a, b) => rank(a) - rank(b))
    .map((finding) => {
      const place = [finding.tag, finding.file === undefined ? undefined : at(finding)]
        .filter((part) => part !== undefined)
        .join(', ');
      const label = finding.severity === 'warning' ? style.warn('warning') : style.dim('note');
      return `${label} ${finding.code}${place === '' ? '' : ` (${place})`}: ${finding.message}`;
    });
}

function rank(finding: Finding): number {
  return finding.severity === 'warning' ? 0 : 1;
}

function at(finding: Finding): string {
  return finding.line === undefined ? `${finding.file}` : `${finding.file}:${finding.line}`;
}
