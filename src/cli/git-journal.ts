import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MigratorError } from '../errors.js';

const run = promisify(execFile);

/** A list of many thousand migrations is a few megabytes. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * The tags of the journal in a folder as it was at a git ref, in either layout; none where there was no journal. Tags of the 0.x layout
 * are given as `drizzle-kit up` renames them too, so that a branch which changes the layout does not seem to add everything.
 *
 * @param folder absolute path, in a git working tree
 * @throws {MigratorError} `USAGE` when git does not know the ref, or the folder is in no working tree
 */
export async function tagsAtRef(folder: string, ref: string): Promise<ReadonlySet<string>> {
  await assertRef(folder, ref);
  const journal = await git(folder, ['show', `${ref}:./meta/_journal.json`]);
  if (journal !== null) return new Set(tagsOf(journal, ref));
  const tree = await git(folder, ['ls-tree', '--name-only', '-z', ref, './']);
  return new Set((tree ?? '').split('\0').filter((name) => /^\d{14}/.test(name)));
}

async function assertRef(folder: string, ref: string): Promise<void> {
  const known =
    !ref.startsWith('-') &&
    (await git(folder, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`])) !== null;
  if (known) return;
  const inTree = (await git(folder, ['rev-parse', '--is-inside-work-tree'])) !== null;
  throw new MigratorError('USAGE', {
    message: inTree
      ? `git knows no commit ${/^[\w./~^-]{1,80}$/.test(ref) ? ref : 'of that name'}.`
      : `The migrations folder is in no git working tree, or there is no git: ${folder}`,
    state: 'Nothing was changed.',
    remedy: inTree
      ? 'Give a branch, tag or commit that is fetched, such as --base origin/main (in a shallow clone: git fetch origin main).'
      : 'nest-migrate lint --all, or lint with a database for what is pending there.',
  });
}

/** stdout of git, or null where it fails. */
async function git(folder: string, args: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await run('git', ['-C', folder, ...args], { maxBuffer: MAX_BYTES });
    return stdout;
  } catch {
    return null; // a path that is not there, a ref that is unknown, no git: the caller asks for each
  }
}

function tagsOf(json: string, ref: string): readonly string[] {
  const entries = entriesOf(json);
  if (entries === null) {
    throw new MigratorError('JOURNAL_MALFORMED', {
      message: `The journal at ${ref} cannot be read: meta/_journal.json is not what drizzle-kit writes.`,
      state: 'Nothing was changed.',
      remedy: 'Give another --base, or lint with --all.',
    });
  }
  return entries.flatMap(({ tag, when }) => [tag, folderNameOf(tag, when)]);
}

interface Entry {
  readonly tag: string;
  readonly when: number;
}

function entriesOf(json: string): readonly Entry[] | null {
  try {
    const journal = JSON.parse(json.replace(/^\uFEFF/, '')) as { readonly entries?: unknown };
    return Array.isArray(journal.entries) && journal.entries.every(isEntry)
      ? journal.entries
      : null;
  } catch {
    return null; // no JSON: said by the caller
  }
}

function isEntry(value: unknown): value is Entry {
  const { tag, when } = (value ?? {}) as Partial<Record<keyof Entry, unknown>>;
  return typeof tag === 'string' && typeof when === 'number' && Math.abs(when) <= 8.64e15;
}

/** `<UTC of when>_<tag without its number>`, as `drizzle-kit up` of 1.x names the folder. */
function folderNameOf(tag: string, when: number): string {
  const digits = new Date(when).toISOString().replaceAll(/\D/g, '').slice(0, 14);
  return `${digits}_${tag.replace(/^\d{4}_/, '')}`;
}
