import type { Session } from '../../database/database.js';
import type { TriggerFacts } from '../table-facts.js';
import { bodyDigest } from './body-digest.js';
import type { Place } from './place.js';

/** Triggers in the order in which they run. Without the right TRIGGER, MySQL shows none, and MariaDB those of a table without their bodies. */
export async function readTriggers(
  session: Session,
  { schema, name }: Place,
  columns: readonly string[],
): Promise<TriggerFacts[]> {
  const rows = await session.query<{
    name: string;
    timing: string;
    event: string;
    body: string | null;
  }>(
    `SELECT trigger_name AS name, action_timing AS timing, event_manipulation AS event, action_statement AS body
     FROM information_schema.triggers WHERE event_object_schema = ? AND event_object_table = ?
     ORDER BY event_manipulation, action_timing, action_order`,
    [schema, name],
  );
  return rows.map((row) => ({
    name: row.name,
    timing: row.timing === 'BEFORE' ? 'before' : 'after',
    events: [row.event.toLowerCase() as 'insert' | 'update' | 'delete'],
    perRow: true,
    enabled: true,
    function: null,
    bodyDigest: bodyDigest(row.body ?? ''),
    columns: columnsOfRow(row.body ?? '', columns),
  }));
}

/** Columns that a trigger body names as NEW.x or OLD.x; names are compared as the servers compare them. */
function columnsOfRow(body: string, columns: readonly string[]): string[] {
  const named = new Set<string>();
  for (const [, ticked, plain] of body.matchAll(
    /\b(?:new|old)\s*\.\s*(?:`((?:[^`]|``)*)`|([\p{L}\p{N}_$]+))/giu,
  )) {
    named.add((ticked?.replaceAll('``', '`') ?? plain ?? '').toLowerCase());
  }
  return columns.filter((column) => named.has(column.toLowerCase()));
}
