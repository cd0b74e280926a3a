import type { DownResult } from '../migrator/down-contract.js';
import { count } from '../wording/count.js';
import { formatDuration } from '../wording/duration.js';
import { printable } from './printable.js';

/**
 * The result of `down` as plain text, for stdout.
 *
 * ```text
 * reverted 2 migrations in 1.2 s
 *   0004_orders   12 ms
 *   0003_people   40 ms
 * ```
 * @param name the database's name; printed where it is not `default`
 */
export function renderDownResult(name: string, result: DownResult): readonly string[] {
  const prefix = name === 'default' ? '' : `${name}: `;
  const width = Math.max(0, ...result.reverted.map(({ tag }) => tag.length));
  const head =
    result.reverted.length === 0
      ? 'nothing to revert'
      : `reverted ${count(result.reverted.length, 'migration')} in ${formatDuration(result.durationMs)}`;
  return [
    `${prefix}${head}`,
    ...result.reverted.map(
      ({ tag, durationMs, resumedFrom }) =>
        `  ${tag.padEnd(width)}  ${formatDuration(durationMs)}` +
        (resumedFrom > 0 ? `, resumed after statement ${resumedFrom}` : ''),
    ),
  ].map(printable);
}
