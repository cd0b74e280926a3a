import type { SizedTable } from '../database/table-sizes.js';
import { MigratorError } from '../errors.js';
import { formatBytes } from '../wording/bytes.js';
import type { MigrationAction } from './plan.js';

const UNTOUCHED = 'Nothing was changed.';

/** How many tables a message names; the details have them all. */
const NAMED = 5;

const SNAPSHOT =
  'take a snapshot of the database by its own means, and name it: nest-migrate up --backup-ref <its name>';

/** Its rows are more than may be dumped within a run. */
export function tooLarge(
  { id: tag, migration }: MigrationAction,
  tables: readonly SizedTable[],
  dataBelow: number,
): MigratorError {
  const total = tables.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  return new MigratorError('REFUSED_BACKUP', {
    message: `${tag} takes rows away, and a backup of them is asked for: ${named(tables)}. That is ${formatBytes(total)} altogether, and rows are dumped below ${formatBytes(dataBelow)} (option backup.dataBelow).`,
    place: { migration: tag, file: migration.migration.file },
    state: UNTOUCHED,
    remedy: `Either ${SNAPSHOT}; or raise backup.dataBelow.`,
    details: {
      tables: tables.map((table) => ({ table: nameOfTable(table), bytes: table.bytes })),
      bytes: total,
      dataBelow,
    },
  });
}

/** Another session has a table locked, so that its size could not be read. */
export function sizeNotKnown(
  { id: tag, migration }: MigrationAction,
  tables: readonly SizedTable[],
): MigratorError {
  return new MigratorError('REFUSED_BACKUP', {
    message: `${tag} takes rows away, and a backup of them is asked for; how large ${named(tables)} ${tables.length === 1 ? 'is' : 'are'} could not be read, because another session has a lock there.`,
    place: { migration: tag, file: migration.migration.file },
    state: UNTOUCHED,
    remedy: `Run the command again when that session is done; or ${SNAPSHOT}.`,
    details: { tables: tables.map(nameOfTable) },
  });
}

/** A database in this process, or behind a function of the user's. */
export function unreachableByPrograms(
  { id: tag, migration }: MigrationAction,
  why: string,
): MigratorError {
  return new MigratorError('REFUSED_BACKUP', {
    message: `${tag} is a contract, and a backup before it is asked for; no dump program can reach this database: ${why}.`,
    place: { migration: tag, file: migration.migration.file },
    state: UNTOUCHED,
    remedy: `Either ${SNAPSHOT}; or give the runner an address of its own: database.migrationUrl.`,
    details: { why },
  });
}

/** `public.users`. */
export function nameOfTable({ schema, name }: Pick<SizedTable, 'schema' | 'name'>): string {
  return schema === '' ? name : `${schema}.${name}`;
}

function named(tables: readonly SizedTable[]): string {
  const listed = [...tables]
    .sort((one, other) => (other.bytes ?? 0) - (one.bytes ?? 0))
    .slice(0, NAMED)
    .map((table) =>
      table.bytes === null
        ? nameOfTable(table)
        : `${nameOfTable(table)} (${formatBytes(table.bytes)})`,
    );
  const more = tables.length - listed.length;
  return listed.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
