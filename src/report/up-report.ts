import type { UpResult } from '../migrator.js';
import { count } from '../wording/count.js';
import { formatDuration } from '../wording/duration.js';
import { printable } from './printable.js';

/**
 * The result of `up` as plain text, for stdout.
 *
 * ```text
 * applied 2 migrations in 1.2 s
 *   0003_orders      expand    12 ms
 *   0004_drop_legacy contract  40 ms
 * ```
 * @param name the database's name; printed where it is not `default`
 */
export function renderUpResult(name: string, result: UpResult): readonly string[] {
  const prefix = name === 'default' ? '' : `${name}: `;
  const width = Math.max(0, ...result.applied.map(({ tag }) => tag.length));
  const head =
    result.outcome === 'nothing-to-do'
      ? result.deferred.length > 0
        ? 'nothing to do yet'
        : 'nothing to do'
      : `applied ${count(result.applied.length, 'migration')} in ${formatDuration(result.durationMs)}`;
  return [
    `${prefix}${head}`,
    ...result.applied.map(
      ({ tag, impact, durationMs, resumedFrom }) =>
        `  ${tag.padEnd(width)}  ${impact.padEnd(8)}  ${formatDuration(durationMs)}` +
        (resumedFrom > 0 ? `, resumed after statement ${resumedFrom}` : ''),
    ),
    ...result.deferred.map(
      ({ tag, waitsFor }) => `  ${tag} deferred: waits for ${waitsFor.join('; ')}`,
    ),
  ].map(printable);
}
