import type { ParsedMigration } from '../journal/journal.js';
import type { Operation } from '../operations/operation.js';
import { phasesOf } from '../operations/phases.js';

/**
 * Operations that these migrations begin and do not end. While one is open, a build may write the new form alone, and what keeps the old one
 * equal has to be there from the first row on: also in a database that has none yet. Pure.
 */
export function openOperations(
  migrations: readonly Pick<ParsedMigration, 'directives'>[],
  registered: ReadonlyMap<string, Operation>,
): ReadonlySet<string> {
  const lines = migrations.flatMap(({ directives }) => directives.operations);
  const open = lines.filter(({ name }) => {
    const operation = registered.get(name);
    if (operation === undefined) return false;
    const last = [...phasesOf(operation)].at(-1);
    return !lines.some((line) => line.name === name && line.phase === last);
  });
  return new Set(open.map(({ name }) => name));
}
