import { isMigratorError, MigratorError, type ErrorPlace } from '../errors.js';
import { impactOf } from '../statements/impact.js';
import { readStatements } from '../statements/read-statements.js';
import type { ClassifiedStatement, Dialect, SqlMode } from '../statements/statement.js';
import { tokenChecksum } from '../statements/token-checksum.js';
import { coverageOf } from './coverage.js';
import { asCarriedOut } from './covered-effects.js';
import { directiveLine } from './directive-lines.js';
import { readDirectives } from './directives.js';
import { fileFindings } from './file-findings.js';
import type { Migration, ParsedMigration } from './journal.js';
import { onlineStatements } from './online-statements.js';

/** How to read a migration's SQL, and what its directives may name. */
export interface ParseOptions {
  readonly dialect: Dialect;
  /** `@@sql_mode` of the session that will run it. @default {} */
  readonly mode?: SqlMode;
  /** Objects that earlier migrations of the same pending range create: what is done to them harms no older build. @default none */
  readonly created?: ReadonlySet<string>;
  /** Names of registered code migrations; null = not known, as to who only has the files. @default none */
  readonly codeMigrations?: ReadonlySet<string> | null;
  /** Names of registered operations; null = not known. @default none */
  readonly operations?: ReadonlySet<string> | null;
  /** Whether the database has no user's table, so that an operation's covered statements simply run. @default false */
  readonly databaseEmpty?: boolean;
  /** Tags of the journal, to check `@requires`. @default not checked */
  readonly tags?: ReadonlySet<string>;
  /** Whether the file is a down file. @default false */
  readonly down?: boolean;
}

/**
 * Reads a migration: statements, directives, impact. Made for pending migrations: an applied file must never block a run by how it is written.
 *
 * @throws {MigratorError} `INVALID_UTF8`, `UNTERMINATED`, `STATEMENT_REFUSED`, `UNKNOWN_DIRECTIVE`, `INVALID_DIRECTIVE`, `JOURNAL_CHANGED`; each with
 * file and line
 */
export function parseMigration(migration: Migration, options: ParseOptions): ParsedMigration {
  const place: ErrorPlace = { migration: migration.tag, file: migration.file };
  refuseInvalidUtf8(migration, place);
  const { dialect, mode = {}, created = new Set<string>() } = options;
  const file = readStatements(migration.read(), dialect, { mode, place });
  const { statements } = file;
  const lines = file.comments.flatMap((comment) => directiveLine(comment, place) ?? []);
  refuseStatements(statements, place);
  const { directives, unregistered } = readDirectives(
    lines,
    statements.length,
    {
      codeMigrations: options.codeMigrations === undefined ? new Set() : options.codeMigrations,
      operations: options.operations === undefined ? new Set() : options.operations,
      databaseEmpty: options.databaseEmpty ?? false,
      tags: options.tags ?? null,
      down: options.down === true,
    },
    place,
  );
  const coverage = coverageOf(directives, statements.length);
  const online = onlineStatements(statements, coverage, dialect, mode);
  const met = asCarriedOut(statements, coverage, directives);
  const computed = impactOf(met, created);
  const impact = directives.impact ?? computed.impact;
  // A build that knows what was created, and not that it is gone, may come later; also to a database that got both at once.
  const whenever =
    computed.impact === 'expand' && created.size > 0 ? impactOf(met).impact : computed.impact;
  const missed = (directives.impact ?? whenever) !== 'expand';
  return {
    migration,
    statements,
    directives,
    coverage,
    online,
    tokenChecksum: file.tokenChecksum,
    impact,
    requires: directives.requires ?? (missed ? migration.tag : null),
    created: impactOf(statements, created).created,
    findings: fileFindings(migration, { statements, directives, coverage, online }, dialect),
    unregistered,
  };
}

/**
 * For those who have no use for a migration that calls what is registered nowhere.
 *
 * @throws {MigratorError} `UNKNOWN_OPERATION`, `UNKNOWN_CODE_MIGRATION`
 */
export function registeredOnly(parsed: ParsedMigration): ParsedMigration {
  const [first] = parsed.unregistered;
  if (first !== undefined) throw first;
  return parsed;
}

/**
 * The token checksum of applied files, for {@link matchLedger}: computed once a file, null for a file that cannot be read as SQL any more.
 */
export function tokenChecksums(
  dialect: Dialect,
  mode: SqlMode,
): (migration: Migration) => string | null {
  const known = new Map<string, string | null>();
  return (migration) => {
    const kept = known.get(migration.checksum);
    if (kept !== undefined) return kept;
    const found =
      migration.declared === undefined
        ? tokenChecksumOrNull(migration, dialect, mode)
        : migration.declared.tokenChecksum;
    known.set(migration.checksum, found);
    return found;
  };
}

function tokenChecksumOrNull(migration: Migration, dialect: Dialect, mode: SqlMode): string | null {
  try {
    return tokenChecksum(migration.read(), dialect, mode);
  } catch (error) {
    // An applied file is not refused for being unreadable: it merely differs.
    if (isMigratorError(error) && error.code !== 'JOURNAL_CHANGED') return null;
    throw error;
  }
}

function refuseInvalidUtf8({ invalidLine }: Migration, place: ErrorPlace): void {
  if (invalidLine === null) return;
  throw new MigratorError('INVALID_UTF8', {
    message: `The file is not valid UTF-8: line ${invalidLine} has a byte that is none.`,
    remedy: 'Save the file as UTF-8, then run: nest-migrate verify',
    place: { ...place, line: invalidLine },
    state: 'Nothing was executed.',
  });
}

function refuseStatements(statements: readonly ClassifiedStatement[], place: ErrorPlace): void {
  const refused = statements.find(({ is }) => is.refusal !== null);
  if (!refused?.is.refusal) return;
  const { reason, remedy } = refused.is.refusal;
  // A verb that is in no list of ours has no head.
  const which = refused.head === '' ? '' : `${refused.head}, `;
  throw new MigratorError('STATEMENT_REFUSED', {
    message: `Statement ${refused.index + 1} of ${statements.length} (${which}line ${refused.line}) may not stand in a migration: ${reason}.`,
    remedy: `${remedy}, then run: nest-migrate verify`,
    place: {
      ...place,
      statement: refused.index + 1,
      statements: statements.length,
      line: refused.line,
    },
    state: 'Nothing was executed.',
  });
}
