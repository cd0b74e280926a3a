import type { Dialect } from '../../database/database.js';
import { MigratorError } from '../../errors.js';
import type { Journal } from '../../journal/journal.js';
import { parseMigration } from '../../journal/parse-migration.js';

/** Where a folder calls an operation. */
export interface CalledAt {
  /** The last migration before any of its phases; null = it is called in the first. */
  readonly before: string | null;
  /** The migration that goes through its rows. */
  readonly backfill: string;
  /** Whether its contract comes in the same migration, so that there is no time at which its rows may be gone through again. */
  readonly endsThere: boolean;
}

/** @throws {MigratorError} `USAGE` where no migration has the operation's backfill */
export function whereCalled(
  { migrations, folder }: Journal,
  name: string,
  dialect: Dialect,
): CalledAt {
  const phases = migrations.map((migration) =>
    parseMigration(migration, { dialect, codeMigrations: null, operations: null })
      .directives.operations.filter((line) => line.name === name)
      .map(({ phase }) => phase),
  );
  const first = phases.findIndex((some) => some.length > 0);
  const at = phases.findIndex((some) => some.includes('backfill'));
  const backfill = migrations[at]?.tag;
  if (backfill === undefined)
    throw new MigratorError('USAGE', {
      message: `No migration in ${folder} has the line -- @operation ${name} backfill.`,
      state: 'No database was made.',
      remedy: `nest-migrate operation add ${name} --to <tag> writes its lines.`,
    });
  return {
    before: migrations[first - 1]?.tag ?? null,
    backfill,
    endsThere: phases[at]?.includes('contract') === true,
  };
}
