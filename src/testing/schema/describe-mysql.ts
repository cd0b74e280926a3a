import type { Session } from '../../database/database.js';
import { quoteIdentifier } from '../../database/identifiers.js';

/** Kinds of objects by what SHOW CREATE calls them. */
const KINDS = [
  {
    kind: 'TABLE',
    list: `select table_name as name from information_schema.tables where table_schema = database() and table_type = 'BASE TABLE'`,
  },
  {
    kind: 'SEQUENCE', // MariaDB
    list: `select table_name as name from information_schema.tables where table_schema = database() and table_type = 'SEQUENCE'`,
  },
  {
    kind: 'VIEW',
    list: 'select table_name as name from information_schema.views where table_schema = database()',
  },
  {
    kind: 'TRIGGER',
    list: 'select trigger_name as name from information_schema.triggers where trigger_schema = database()',
  },
  {
    kind: 'PROCEDURE',
    list: `select routine_name as name from information_schema.routines where routine_schema = database() and routine_type = 'PROCEDURE'`,
  },
  {
    kind: 'FUNCTION',
    list: `select routine_name as name from information_schema.routines where routine_schema = database() and routine_type = 'FUNCTION'`,
  },
  {
    kind: 'EVENT',
    list: 'select event_name as name from information_schema.events where event_schema = database()',
  },
] as const;

/**
 * By SHOW CREATE: it is the server's own word, and complete on both. A table's text has a line for each column, key and constraint.
 *
 * @param ours names of tables that are left out
 */
export async function describeMysql(
  session: Session,
  ours: readonly string[],
): Promise<readonly string[]> {
  const [schema] = await session.query<{ readonly line: string; readonly name: string }>(
    `select concat('database: ', default_character_set_name, ' ', default_collation_name) as line, schema_name as name
       from information_schema.schemata where schema_name = database()`,
  );
  const own = new Set(ours.map((name) => name.toLowerCase()));
  const database = `${quoteIdentifier('mysql', session.server.database)}.`;
  const lines = schema === undefined ? [] : [schema.line];
  for (const { kind, list } of KINDS) {
    const found = await session.query<{ readonly name: string }>(list);
    for (const { name } of found) {
      if (kind === 'TABLE' && own.has(name.toLowerCase())) continue;
      const text = await createText(session, kind, name);
      const plain = text.replaceAll(database, '').replace(/ DEFINER=`[^`]*`@`[^`]*`/, '');
      const called = `${kind.toLowerCase()} ${name}: `;
      lines.push(...(kind === 'TABLE' ? tableLines(plain) : [plain]).map((line) => called + line));
    }
  }
  return lines;
}

/** Its columns have other names with each kind. */
async function createText(session: Session, kind: string, name: string): Promise<string> {
  const [row] = await session.query<Record<string, unknown>>(
    `show create ${kind} ${quoteIdentifier('mysql', name)}`,
  );
  const texts = Object.entries(row ?? {}).filter(
    ([column]) => /^create /i.test(column) || column === 'SQL Original Statement',
  );
  // A login that may not see the body is told null.
  return texts.map(([, text]) => String(text)).join('\n');
}

/** `CREATE TABLE ... (`, a line a part, then options and partitions, of which the counter of AUTO_INCREMENT is no part of the schema. */
function tableLines(text: string): readonly string[] {
  const lines = text.split('\n');
  const end = lines.findLastIndex((line) => line.startsWith(')'));
  const parts = lines.slice(1, end).map((line) => line.trim().replace(/,$/, ''));
  const options = lines
    .slice(end)
    .join(' ')
    .replace(/^\) ?/, '')
    .replace(/ ?AUTO_INCREMENT=\d+/, '');
  return [...parts, options];
}
