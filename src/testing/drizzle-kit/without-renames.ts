import type { Kit, Snapshot } from './load-kit.js';

/** What of a snapshot the kit asks about: whatever is added while another is taken away might be a rename. */
const NAMED = ['tables', 'enums', 'schemas', 'sequences', 'roles', 'policies', 'views'];
const NAMED_IN_TABLES = ['columns', 'policies'];

/**
 * The statements from one snapshot to another, without a question: drizzle-kit 0.31 asks at the terminal about each possible rename, or ends without one.
 * So it is asked twice, for what goes and for what comes, and in neither there is anything to choose between.
 */
export async function statementsBetween(
  kit: Kit,
  previous: Snapshot,
  current: Snapshot,
): Promise<readonly string[]> {
  if (kit.generation === '1') return kit.statements(previous, current);
  const between = onlyWhatStays(previous, current);
  const goes = await kit.statements(previous, between);
  const comes = await kit.statements(between, current);
  return [...new Set([...goes, ...comes])];
}

/** The previous snapshot without what the current one no longer names. Pure. */
export function onlyWhatStays(previous: Snapshot, current: Snapshot): Snapshot {
  const stays = sharedEntries(previous, current, NAMED);
  const tables = mapOf(stays['tables']);
  const now = mapOf(current['tables']);
  return {
    ...stays,
    tables: Object.fromEntries(
      Object.entries(tables).map(([name, table]) => [
        name,
        sharedEntries(mapOf(table), mapOf(now[name]), NAMED_IN_TABLES),
      ]),
    ),
  };
}

function sharedEntries(previous: Snapshot, current: Snapshot, keys: readonly string[]): Snapshot {
  const changed = keys
    .filter((key) => previous[key] !== undefined)
    .map((key) => {
      const now = mapOf(current[key]);
      const entries = Object.entries(mapOf(previous[key]));
      return [key, Object.fromEntries(entries.filter(([name]) => Object.hasOwn(now, name)))];
    });
  return { ...previous, ...(Object.fromEntries(changed) as Snapshot) };
}

function mapOf(value: unknown): Snapshot {
  return (value ?? {}) as Snapshot;
}
