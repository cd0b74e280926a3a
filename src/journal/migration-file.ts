import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MigratorError } from '../errors.js';
import type { Migration } from './journal.js';

/** Code unit that some editors put in front of a UTF-8 file. It counts in checksums and is never sent. */
export const BOM = '\uFEFF';

/**
 * The checksum that Drizzle stores as `hash`: SHA-256, lower-case hex, of the file decoded as UTF-8 and encoded again.
 */
export function checksumOf(text: string): string {
  return hash('sha256', text, 'hex');
}

/**
 * Checksums of the same text with LF and with CRLF line ends: what git's `autocrlf` may have made of the file elsewhere.
 */
export function checksumVariants(text: string): { readonly lf: string; readonly crlf: string } {
  const lf = text.replaceAll('\r\n', '\n');
  return {
    lf: checksumOf(lf),
    crlf: checksumOf(lf.replaceAll('\n', '\r\n')),
  };
}

/** 1-based line of the first byte in the file that is not UTF-8; null when there is none. */
function invalidUtf8Line(path: string): number | null {
  const bytes = readFileSync(path);
  if (isUtf8(bytes)) return null;
  let line = 1;
  let start = 0;
  // A line feed is never part of a longer UTF-8 sequence, so lines can be judged one by one.
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
    if (!isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
    line += 1;
  }
  return line;
}

/** Whether a file system error says that there is nothing at that path. By shape: errors of another realm are no `Error` of ours. */
export function isAbsent(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    (error.code === 'ENOENT' || error.code === 'ENOTDIR')
  );
}

/** Where one migration is, before its file is read. */
export interface MigrationFile {
  readonly tag: string;
  readonly layout: Migration['layout'];
  readonly position: number;
  readonly createdAtMs: number;
  /** Path that is opened. */
  readonly path: string;
  /** Path as it is shown. */
  readonly file: string;
  readonly downFile: string | null;
}

/** Makes a journal entry of a file's text. The text is not kept. */
export function migrationOf(place: MigrationFile, text: string): Migration {
  const { path, ...rest } = place;
  const checksum = checksumOf(text);
  return {
    ...rest,
    checksum,
    // The decoder puts U+FFFD where a byte is no UTF-8; a file may also contain that character itself.
    invalidLine: text.includes('\uFFFD') ? invalidUtf8Line(path) : null,
    read: () => readAgain(place, checksum),
    lineEndingChecksums: () => {
      const { lf, crlf } = checksumVariants(readAgain(place, checksum));
      return [lf, crlf];
    },
    readDown: () => {
      if (place.downFile === null) return null;
      const down = { ...place, path: downPathOf(place), file: place.downFile, downFile: null };
      return migrationOf(down, textOf(down));
    },
  };
}

function readAgain(place: MigrationFile, checksum: string): string {
  const text = textOf(place);
  if (checksumOf(text) !== checksum) throw changed(place, 'changed', undefined);
  return text;
}

/** Down files stand beside what they take back. */
function downPathOf({ layout, path }: MigrationFile): string {
  switch (layout) {
    case 'journal':
      return path.replace(/\.sql$/, '.down.sql');
    case 'folder':
      return join(dirname(path), 'down.sql');
  }
}

function textOf(place: MigrationFile): string {
  try {
    return readFileSync(place.path, 'utf8');
  } catch (cause) {
    throw changed(place, 'can no longer be read', cause);
  }
}

function changed(place: MigrationFile, what: string, cause: unknown): MigratorError {
  return new MigratorError('JOURNAL_CHANGED', {
    message: `The file of migration ${place.tag} ${what} while this process was running.`,
    remedy: 'Let the folder stand while migrations run, then run the command again.',
    place: { migration: place.tag, file: place.file },
    state: 'Nothing of this migration was executed.',
    ...(cause !== undefined && { cause }),
  });
}
