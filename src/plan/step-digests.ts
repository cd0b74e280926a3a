import { createHash } from 'node:crypto';
import type { ParsedMigration } from '../journal/journal.js';
import type { Dialect, SqlMode } from '../statements/statement.js';
import { tokenChecksum } from '../statements/token-checksum.js';
import type { Step } from './plan.js';
import { statementAt, statementsOf } from './steps.js';

/** Hex digits kept of each: enough to tell an edit, and a migration of thousands of statements still fits its attempt. */
const DIGITS = 16;

/**
 * What each position of a migration says, comments and white space apart. Kept with an attempt that may be resumed: a position
 * alone does not tell whether the statements before it are still the ones that ran.
 */
export function stepDigests(
  migration: ParsedMigration,
  steps: readonly Step[],
  server: { readonly dialect: Dialect; readonly sqlMode: SqlMode },
): readonly string[] {
  return steps.map((step) => {
    if (step.kind === 'code') return digestOf(`@run ${step.name}`);
    // The statements that it covers may not change either once the phase is through.
    if (step.kind === 'operation')
      return digestOf(
        [
          `@operation ${step.name} ${step.phase}`,
          ...statementsOf(migration, [step]).map(({ sql }) =>
            tokenChecksum(sql, server.dialect, server.sqlMode),
          ),
        ].join('\n'),
      );
    // Of what the file says, not of its online form: an attempt may go on with either.
    const { sql } = statementAt(migration, { ...step, online: undefined });
    const checksum = tokenChecksum(sql, server.dialect, server.sqlMode);
    const parts = migration.online.get(step.index)?.length ?? 1;
    return step.online === undefined || parts === 1
      ? checksum.slice(0, DIGITS)
      : digestOf(`${checksum} part ${step.online + 1} of ${parts}`);
  });
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, DIGITS);
}

/**
 * The first position before `until` that is not what ran there, or null.
 *
 * @param ran as kept with the attempt; null = not kept, nothing can be said
 * @param now as the file is
 */
export function firstChanged(
  ran: readonly string[] | null,
  now: readonly string[],
  until: number,
): number | null {
  if (ran === null) return null;
  for (let position = 0; position < until; position++) {
    if (ran[position] !== now[position]) return position;
  }
  return null;
}
