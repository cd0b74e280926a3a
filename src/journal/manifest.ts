import { readFileSync } from 'node:fs';
import { MigratorError } from '../errors.js';
import type { Dialect, Impact } from '../statements/statement.js';
import { NO_DIRECTIVES } from './directive-lines.js';
import type { Journal, JournalLayout, Migration, ParsedMigration } from './journal.js';

/** What a manifest says of one migration. */
export interface ManifestMigration {
  readonly tag: string;
  readonly createdAtMs: number;
  /** As Drizzle takes it. */
  readonly checksum: string;
  /** The same with LF and with CRLF throughout. */
  readonly lineEndings: readonly string[];
  /** Over tokens without comments; null = the file cannot be read as SQL. */
  readonly tokenChecksum: string | null;
  readonly impact: Impact;
  readonly requires: string | null;
  /** Its `@operation` lines. */
  readonly operations: readonly { readonly name: string; readonly phase: Phase }[];
}

type Phase = ParsedMigration['directives']['operations'][number]['phase'];

/** What a build needs of its database, written when it is built: an image that only serves can do with it instead of the folder. */
export interface Manifest {
  readonly manifestVersion: 1;
  readonly service: string | null;
  readonly build: string | null;
  readonly dialect: Dialect;
  readonly layout: JournalLayout;
  readonly migrations: readonly ManifestMigration[];
  /** Extension points, empty until payload formats and keys exist. */
  readonly formats: Readonly<Record<string, unknown>>;
  readonly keys: Readonly<Record<string, unknown>>;
}

/**
 * The manifest of a folder. Pure but for reading the files.
 *
 * @param parse reads one migration's SQL; what it throws is the caller's: a build whose files cannot be read is not to be shipped
 */
export function manifestOf(
  journal: Journal,
  facts: {
    readonly service: string | null;
    readonly build: string | null;
    readonly dialect: Dialect;
  },
  parse: (migration: Migration) => ParsedMigration,
): Manifest {
  return {
    manifestVersion: 1,
    ...facts,
    layout: journal.layout,
    migrations: journal.migrations.map((migration) => {
      const { impact, requires, tokenChecksum, directives } = parse(migration);
      return {
        tag: migration.tag,
        createdAtMs: migration.createdAtMs,
        checksum: migration.checksum,
        lineEndings: migration.lineEndingChecksums(),
        ...{ tokenChecksum, impact, requires },
        operations: directives.operations.map(({ name, phase }) => ({ name, phase })),
      };
    }),
    formats: {},
    keys: {},
  };
}

/** Whether a path names a manifest and no folder. */
export function isManifestPath(path: string): boolean {
  return path.endsWith('.json');
}

/**
 * Reads a manifest.
 *
 * @throws {MigratorError} `JOURNAL_NOT_FOUND`, `JOURNAL_MALFORMED`
 */
export function readManifest(path: string, configured: string = path): Manifest {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new MigratorError('JOURNAL_NOT_FOUND', {
      message: `There is no manifest at ${path}.`,
      remedy: 'Write it when the build is made: nest-migrate manifest --out manifest.json',
      state: 'Nothing was changed.',
      place: { file: configured },
      cause,
    });
  }
  const manifest = parsed(text);
  if (!isManifest(manifest)) throw malformed(configured, manifest);
  return manifest;
}

/** A journal that knows what its migrations are and cannot run them. */
export function journalOfManifest(manifest: Manifest, configured: string): Journal {
  const { layout, migrations } = manifest;
  return {
    layout,
    manifest,
    folder: configured,
    migrations: migrations.map((one, position) => ({
      ...{ position, layout, tag: one.tag, createdAtMs: one.createdAtMs, checksum: one.checksum },
      file: configured,
      invalidLine: null,
      downFile: null,
      readDown: () => null,
      declared: one,
      lineEndingChecksums: () => one.lineEndings,
      read: () => {
        throw withoutFile(one.tag, configured);
      },
    })),
    findings: [],
  };
}

/** What is known of a migration without its file: enough to say what is pending, and nothing to run. */
export function parsedAsDeclared(
  migration: Migration,
  { impact, requires, tokenChecksum }: ManifestMigration,
): ParsedMigration {
  return {
    ...{ migration, impact, requires, tokenChecksum: tokenChecksum ?? '' },
    statements: [],
    directives: NO_DIRECTIVES,
    coverage: [],
    online: new Map(),
    created: new Set(),
    findings: [],
    unregistered: [],
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function isManifest(value: unknown): value is Manifest {
  if (!isRecord(value) || value['manifestVersion'] !== 1) return false;
  const { migrations, layout, dialect } = value;
  return (
    (layout === 'journal' || layout === 'folder') &&
    (dialect === 'postgresql' || dialect === 'mysql') &&
    Array.isArray(migrations) &&
    migrations.every(isManifestMigration)
  );
}

function isManifestMigration(value: unknown): value is ManifestMigration {
  return (
    isRecord(value) &&
    typeof value['tag'] === 'string' &&
    typeof value['createdAtMs'] === 'number' &&
    typeof value['checksum'] === 'string' &&
    Array.isArray(value['lineEndings']) &&
    typeof value['impact'] === 'string' &&
    ['expand', 'contract', 'breaking'].includes(value['impact']) &&
    (value['requires'] === null || typeof value['requires'] === 'string') &&
    (value['tokenChecksum'] === null || typeof value['tokenChecksum'] === 'string') &&
    Array.isArray(value['operations'])
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(configured: string, value: unknown): MigratorError {
  const version = isRecord(value) ? value['manifestVersion'] : undefined;
  const newer = typeof version === 'number' && version > 1;
  return new MigratorError('JOURNAL_MALFORMED', {
    message: newer
      ? `${configured} is a manifest of version ${version}, and this version of nest-migrate knows version 1.`
      : `${configured} is no manifest of nest-migrate.`,
    remedy: newer
      ? 'Use the version of nest-migrate that wrote it, or a newer one.'
      : 'Write it when the build is made: nest-migrate manifest --out manifest.json',
    state: 'Nothing was changed.',
    place: { file: configured },
  });
}

/** A build that ships its manifest alone cannot migrate. */
function withoutFile(tag: string, configured: string): MigratorError {
  return new MigratorError('JOURNAL_FILE_MISSING', {
    message: `${configured} says what ${tag} is, but not its statements: this build ships its manifest alone.`,
    remedy:
      'Migrate with the image that has the migrations folder, or name the folder: --migrations ./drizzle',
    state: 'Nothing of this migration was executed.',
    place: { migration: tag, file: configured },
  });
}
