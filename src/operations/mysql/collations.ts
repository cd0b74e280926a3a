import type { ColumnFacts } from '../table-facts.js';
import type { ColumnDefinition } from './column-definition.js';

/**
 * Whether a column has the character set and collation that a definition names; true where it names none. Pure.
 *
 * Either may be written short, and is shown in full: utf8 for utf8mb3, MariaDB's uca1400_ai_ci without its character set.
 */
export function hasCollationOf(
  { fullCollation }: Pick<ColumnFacts, 'fullCollation'>,
  { characterSet, collation }: Pick<ColumnDefinition, 'characterSet' | 'collation'>,
): boolean {
  const own = short(fullCollation ?? '');
  if (collation !== null) {
    const name = short(collation.toLowerCase());
    return own === name || own.endsWith(`_${name}`);
  }
  return characterSet === null || own.startsWith(`${short(`${characterSet.toLowerCase()}_`)}`);
}

function short(name: string): string {
  return name.replace(/^utf8mb3(?=_)/, 'utf8');
}
