import type { Finding } from '../run-events.js';
import { takenAway } from './at-stake.js';
import type { MigrationAction } from './plan.js';
import { nameOfObject } from './remarks.js';

/** How many names the remark lists. */
const NAMED = 8;

/** One remark for all contracts of a plan before which nothing is put by; none where they take no rows away. */
export function withoutBackup(contracts: readonly MigrationAction[]): readonly Finding[] {
  const losses = contracts.flatMap(({ id: tag, migration }) => {
    const lost = migration.statements.flatMap(({ is }) =>
      is.effects.flatMap((effect) => takenAway(effect) ?? []),
    );
    return lost.map((object) => ({
      tag,
      file: migration.migration.file,
      name: nameOfObject(object),
    }));
  });
  const [first] = losses;
  if (first === undefined) return [];
  const tags = new Set(losses.map(({ tag }) => tag));
  const names = [...new Set(losses.map(({ name }) => name))];
  const listed = names.slice(0, NAMED).join(', ');
  const more = names.length > NAMED ? `, ${names.length - NAMED} more` : '';
  return [
    {
      code: 'contract-without-backup',
      severity: 'warning',
      message: `${[...tags].join(', ')} ${tags.size === 1 ? 'takes' : 'take'} away for good: ${listed}${more}. No backup is asked for (option backup, or --backup-ref for a snapshot of your own).`,
      ...(tags.size === 1 && { tag: first.tag, file: first.file }),
    },
  ];
}
