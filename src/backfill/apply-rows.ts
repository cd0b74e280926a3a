import type { Session } from '../database/database.js';
import { placeholder, qualify, quoteIdentifier } from '../database/identifiers.js';
import { isMigratorError, MigratorError } from '../errors.js';
import type { BackfillSpec } from './backfill.js';

/** A row of a chunk, and the condition that finds it again. */
export interface ChunkedRow {
  readonly row: Readonly<Record<string, unknown>>;
  /** `"id" = $n::bigint`, from that parameter on. */
  where(firstParameter: number): string;
  readonly params: readonly unknown[];
}

/**
 * Hands a chunk's rows to the user's function and writes what it returns. Inside the chunk's transaction.
 *
 * @returns how many rows were written
 * @throws {MigratorError} `CODE_MIGRATION_FAILED`
 */
export async function applyRows(
  session: Session,
  spec: BackfillSpec,
  rows: readonly ChunkedRow[],
  signal: AbortSignal,
): Promise<number> {
  if (spec.rows === null || rows.length === 0) return 0;
  const values = await callUser(spec, rows, signal);
  const { dialect } = session.server;
  const table = qualify(dialect, spec.table.schema, spec.table.name);
  const keep = spec.keep.map((column) => {
    const name = quoteIdentifier(dialect, column);
    return `${name} = ${name}`;
  });
  let changed = 0;
  for (const [index, value] of values.entries()) {
    const row = rows[index];
    const entries = Object.entries(value ?? {}).filter(([, to]) => to !== undefined);
    if (row === undefined || entries.length === 0) continue;
    const set = entries.map(
      ([column], position) =>
        `${quoteIdentifier(dialect, column)} = ${placeholder(dialect, position + 1)}`,
    );
    await session.query(
      `update ${table} set ${[...keep, ...set].join(', ')} where ${row.where(entries.length + 1)}`,
      [...entries.map(([, to]) => to), ...row.params],
      { prepare: true },
    );
    changed += 1;
  }
  return changed;
}

async function callUser(
  spec: BackfillSpec,
  rows: readonly ChunkedRow[],
  signal: AbortSignal,
): Promise<readonly (Readonly<Record<string, unknown>> | null)[]> {
  let returned: unknown;
  try {
    returned = await spec.rows?.(
      rows.map(({ row }) => row),
      { signal },
    );
  } catch (cause) {
    signal.throwIfAborted();
    if (isMigratorError(cause)) throw cause;
    throw failed(spec.id, 'its function for rows threw an error', cause);
  }
  if (!Array.isArray(returned) || returned.length !== rows.length) {
    throw failed(
      spec.id,
      `its function for rows did not return one entry for each of ${rows.length} rows`,
    );
  }
  return returned as readonly (Readonly<Record<string, unknown>> | null)[];
}

function failed(id: string, what: string, cause?: unknown): MigratorError {
  return new MigratorError('CODE_MIGRATION_FAILED', {
    message: `The backfill of ${id} failed: ${what}.`,
    state:
      'The chunk was rolled back; the chunks before it stay, and the next run goes on behind them.',
    remedy: 'Correct the function and run nest-migrate up again.',
    ...(cause !== undefined && { cause }),
  });
}
