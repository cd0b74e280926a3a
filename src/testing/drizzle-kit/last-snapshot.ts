import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MigratorError } from '../../errors.js';
import type { Journal } from '../../journal/journal.js';
import type { Snapshot } from './load-kit.js';

/**
 * What Drizzle Kit would compare schema.ts with: the last snapshot of the folder, as it sorts them; null = there is none, as in a folder whose migrations
 * are all written by hand.
 *
 * @throws {MigratorError} `JOURNAL_MALFORMED`
 */
export function lastSnapshot(
  folder: string,
  { layout, migrations }: Pick<Journal, 'layout' | 'migrations'>,
): Snapshot | null {
  const file =
    layout === 'journal'
      ? inMeta(folder)
      : migrations
          .map(({ tag }) => join(folder, tag, 'snapshot.json'))
          .findLast((path) => existsSync(path));
  if (file === undefined) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Snapshot;
  } catch (cause) {
    throw new MigratorError('JOURNAL_MALFORMED', {
      message: `The snapshot ${file} cannot be read as JSON.`,
      remedy: 'Restore it from version control; a merge often leaves its marks in it.',
      place: { file },
      state: 'Nothing was changed.',
      cause,
    });
  }
}

function inMeta(folder: string): string | undefined {
  const meta = join(folder, 'meta');
  const name = readdirSync(meta)
    .filter((one) => one.endsWith('_snapshot.json'))
    .toSorted()
    .at(-1);
  return name === undefined ? undefined : join(meta, name);
}
