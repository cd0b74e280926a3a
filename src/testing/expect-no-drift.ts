import { AssertionError } from 'node:assert';
import { isAbsolute, resolve } from 'node:path';
import type { Dialect } from '../database/database.js';
import { MigratorError } from '../errors.js';
import { loadJournal } from '../journal/load-journal.js';
import { generateInto } from './drizzle-kit/generate-into.js';
import { lastSnapshot } from './drizzle-kit/last-snapshot.js';
import { loadKit, type Casing } from './drizzle-kit/load-kit.js';
import { statementsBetween } from './drizzle-kit/without-renames.js';
import { folderOf } from './server/folder-of.js';

/** By the exports of schema.ts. */
export interface DriftOfSchema {
  /** The Drizzle Kit folder. */
  readonly migrations: string | URL;
  /** Everything that schema.ts exports, as `import * as schema` gives it. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly dialect: Dialect;
  /** As `casing` in drizzle.config.ts; drizzle-kit 0.31 only. @default none */
  readonly casing?: Casing;
  /** As `schemaFilter` in drizzle.config.ts; Postgres only. @default all */
  readonly schemaFilter?: readonly string[];
}

/** By the project's configuration file. */
export interface DriftOfConfig {
  /** The Drizzle Kit folder. */
  readonly migrations: string | URL;
  /** Path of drizzle.config.ts; the paths in it count from the working directory, as for drizzle-kit. */
  readonly config: string;
  /** Milliseconds that drizzle-kit may take. @default 60000 */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;
/** Statements that a message lists, and characters of each. */
const LISTED = 20;
const HEAD = 160;

/**
 * That schema.ts and the migrations say the same: fails where `drizzle-kit generate` would write something, and names what. No database is needed, nothing
 * is written, and nobody is asked: a column that comes while another goes might be a rename, and is a difference either way.
 *
 * By `schema` through the API of drizzle-kit (0.31, and 1.x from rc.5), in this process. By `config` through its command line in a process of its own,
 * with a deadline: as the project runs it, and slower by a second or two.
 *
 * @throws {AssertionError} with the statements that drizzle-kit would write
 * @throws {MigratorError} `MISSING_PACKAGE` without drizzle-kit, `JOURNAL_*`, `CONFIGURATION` where drizzle-kit ends with an error
 * @example
 * await expectNoDrift({ schema, dialect: 'postgresql', migrations: './drizzle' });
 */
export async function expectNoDrift(options: DriftOfSchema | DriftOfConfig): Promise<void> {
  const { folder, given } = folderOf(options.migrations);
  const statements =
    'config' in options
      ? await byConfig(options, folder, given)
      : await bySchema(options, folder, given);
  if (statements.length === 0) return;
  const heads = statements.map(headOf);
  const more = heads.length - LISTED;
  throw new AssertionError({
    message: [
      `schema.ts and the migrations in ${given} differ: drizzle-kit generate would write`,
      ...heads.slice(0, LISTED).map((head) => `  ${head}`),
      ...(more > 0 ? [`  and ${more} more`] : []),
    ].join('\n'),
    actual: heads,
    expected: [],
    operator: 'expectNoDrift',
  });
}

async function bySchema(
  { schema, dialect, casing, schemaFilter }: DriftOfSchema,
  folder: string,
  given: string,
): Promise<readonly string[]> {
  const journal = loadJournal(folder, given);
  const kit = await loadKit(dialect);
  const current = await kit.snapshotOf(schema, {
    ...(casing !== undefined && { casing }),
    ...(schemaFilter !== undefined && { schemaFilter }),
  });
  const previous = lastSnapshot(folder, journal) ?? (await kit.snapshotOf({}, {}));
  if (previous['version'] !== current['version'])
    throw new MigratorError('CONFIGURATION', {
      message: `The last snapshot in ${given} is of version ${String(previous['version'])}, and drizzle-kit as it is installed writes version ${String(current['version'])}.`,
      state: 'Nothing was changed.',
      remedy: 'npx drizzle-kit up, and commit what it writes.',
    });
  return statementsBetween(kit, previous, current);
}

async function byConfig(
  { config, timeoutMs = TIMEOUT_MS }: DriftOfConfig,
  folder: string,
  given: string,
): Promise<readonly string[]> {
  loadJournal(folder, given);
  const file = isAbsolute(config) ? config : resolve(config);
  const { written, exitCode, said } = await generateInto(file, folder, timeoutMs);
  if (/Interactive prompts|hints?\b.*(required|missing)|missing.*hint/i.test(said))
    return ['-- what drizzle-kit asks about: something comes while another goes, or is renamed'];
  if (written.length > 0) return written.flatMap((text) => text.split('--> statement-breakpoint'));
  // It ends with exit code 0 on many of its errors, too.
  if (/No schema changes/i.test(said)) return [];
  throw new MigratorError('CONFIGURATION', {
    message:
      exitCode === null
        ? `drizzle-kit generate did not end within ${timeoutMs} ms.`
        : `drizzle-kit generate ended with exit code ${exitCode}. Its last words:\n${said}`,
    state: 'Nothing was changed: it ran in a copy of the folder.',
    remedy: `npx drizzle-kit generate --config=${config}`,
    place: { file: config },
  });
}

/** The first line of a statement. */
function headOf(statement: string): string {
  const [line = ''] = statement.trim().split('\n', 1);
  return line.length > HEAD ? `${line.slice(0, HEAD)}...` : line;
}
