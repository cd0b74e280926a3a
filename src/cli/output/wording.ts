import type { Finding } from '../../run-events.js';
import type { Style } from './style.js';

export { count } from '../../wording/count.js';
export { formatDuration as duration } from '../../wording/duration.js';
export { describeHolder as holder } from '../../wording/holder.js';
export { describeSession as session } from '../../wording/session.js';

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
