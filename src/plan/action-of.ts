import type { ParsedMigration } from '../journal/journal.js';
import type { Dialect } from '../statements/statement.js';
import type { MigrationAction, Step } from './plan.js';
import { unitsOf } from './units.js';

/** What is done about a file, cut into units. Pure. */
export function actionOf(
  parsed: ParsedMigration,
  steps: readonly Step[],
  dialect: Dialect,
  about: Pick<MigrationAction, 'kind' | 'command' | 'resume' | 'reverts'>,
): MigrationAction {
  const units = unitsOf(parsed, steps, dialect);
  const oneTransaction =
    dialect === 'postgresql' &&
    (units.length === 0 || (units.length === 1 && units[0]?.mode === 'transaction'));
  return {
    ...about,
    target: 'database',
    id: parsed.migration.tag,
    migration: parsed,
    impact: parsed.impact,
    steps,
    units,
    atomic: oneTransaction,
    announced: about.kind === 'revert' || !(oneTransaction && parsed.impact === 'expand'),
  };
}
