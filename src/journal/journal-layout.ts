import { readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { MigratorError } from '../errors.js';
import type { Migration } from './journal.js';
import { BOM, migrationOf } from './migration-file.js';

/** Where a 0.x folder keeps its list. */
export const JOURNAL_FILE = join('meta', '_journal.json');

/** The largest time that a Date can hold. */
const MAX_TIME_MS = 8.64e15;

interface Entry {
  readonly tag: string;
  readonly when: number;
}

/**
 * Reads the 0.x layout: `meta/_journal.json`, whose array order is the order of application, and `<tag>.sql` beside it.
 *
 * @param names what the folder contains, to find down files without asking the file system again
 * @throws {MigratorError} `JOURNAL_MALFORMED`, `JOURNAL_EMPTY`, `JOURNAL_BAD_NAME`, `JOURNAL_FILE_MISSING`
 * @see drizzle-orm 0.45.4 `readMigrationFiles`: order, time and hash are the same
 */
export function readJournalLayout(
  folder: string,
  configured: string,
  json: string,
  names: ReadonlySet<string>,
): readonly Migration[] {
  const file = join(configured, JOURNAL_FILE);
  // Joined once: a path of its own for each of 300 files costs as much as reading them.
  const inFolder = join(configured, sep);
  return entriesOf(json, file).map(({ tag, when }, position) => {
    const path = `${folder}/${tag}.sql`;
    const shown = `${inFolder}${tag}.sql`;
    const place = {
      tag,
      layout: 'journal' as const,
      position,
      createdAtMs: when,
      path,
      file: shown,
      downFile: names.has(`${tag}.down.sql`) ? `${inFolder}${tag}.down.sql` : null,
    };
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (cause) {
      throw new MigratorError('JOURNAL_FILE_MISSING', {
        message: `The journal lists migration ${tag}, and its file cannot be read: ${path}.`,
        remedy: `Restore ${shown} from version control, or take the entry out of ${file} if the migration never left this machine.`,
        place: { migration: tag, file: shown },
        state: 'Nothing was changed.',
        cause,
      });
    }
    return migrationOf(place, text);
  });
}

function entriesOf(text: string, file: string): readonly Entry[] {
  const journal = parseJson(text, file);
  const entries: unknown =
    typeof journal === 'object' && journal !== null && 'entries' in journal
      ? journal.entries
      : undefined;
  if (!Array.isArray(entries)) throw malformed(file, 'has no list "entries"');
  if (entries.length === 0) {
    throw new MigratorError('JOURNAL_EMPTY', {
      message: `The journal ${file} lists no migration.`,
      remedy:
        'Run `npx drizzle-kit generate`, or point `migrations` at the folder that has the migrations.',
      place: { file },
      state: 'Nothing was changed.',
    });
  }
  return entries.map((entry: unknown, index) => entryOf(entry, index, file));
}

function entryOf(entry: unknown, index: number, file: string): Entry {
  const which = `has an entry at position ${index}`;
  if (typeof entry !== 'object' || entry === null)
    throw malformed(file, `${which} that is no object`);
  const tag: unknown = 'tag' in entry ? entry.tag : undefined;
  const when: unknown = 'when' in entry ? entry.when : undefined;
  if (typeof tag !== 'string' || tag.trim() === '')
    throw malformed(file, `${which} without a "tag"`);
  if (typeof when !== 'number' || !Number.isInteger(when) || Math.abs(when) > MAX_TIME_MS)
    throw malformed(file, `${which} whose "when" is not a whole number of milliseconds`);
  // A tag becomes a path below the folder: one that leads elsewhere is not opened.
  if (/[/\\\0]/.test(tag) || tag === '.' || tag === '..') {
    throw new MigratorError('JOURNAL_BAD_NAME', {
      message: `The journal ${file} has a tag at position ${index} that is not a plain file name.`,
      remedy: 'A tag names a file in the same folder: take slashes and dots out of it.',
      place: { file },
      state: 'Nothing was changed.',
    });
  }
  return { tag, when };
}

function parseJson(text: string, file: string): unknown {
  const json = text.startsWith(BOM) ? text.slice(1) : text;
  try {
    return JSON.parse(json);
  } catch (cause) {
    const conflict = lineOf(json, json.search(/^(<{7}|={7}|>{7})/m));
    if (conflict !== null)
      throw malformed(file, 'contains the markers of an unresolved git conflict', conflict, cause);
    const position = /position (\d+)/.exec(cause instanceof Error ? cause.message : '')?.[1];
    throw malformed(
      file,
      'is not valid JSON',
      lineOf(json, position === undefined ? -1 : Number(position)),
      cause,
    );
  }
}

function lineOf(text: string, offset: number): number | null {
  return offset < 0 ? null : text.slice(0, offset).split('\n').length;
}

function malformed(
  file: string,
  what: string,
  line: number | null = null,
  cause?: unknown,
): MigratorError {
  return new MigratorError('JOURNAL_MALFORMED', {
    message: `The journal ${file} ${what}.`,
    remedy: `Restore ${file} from version control, then run \`npx drizzle-kit check\`.`,
    place: { file, ...(line !== null && { line }) },
    state: 'Nothing was changed.',
    ...(cause !== undefined && { cause }),
  });
}
