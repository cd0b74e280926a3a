import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import type { DumpOptions } from './schema-dump.js';

interface Named extends RowDataPacket {
  readonly name: string;
}

/** What SHOW CREATE calls the text, by kind of object. */
const KINDS = [
  {
    show: 'TABLE',
    column: 'Create Table',
    list: "select table_name as name from information_schema.tables where table_schema = database() and table_type = 'BASE TABLE'",
  },
  {
    show: 'VIEW',
    column: 'Create View',
    list: 'select table_name as name from information_schema.views where table_schema = database()',
  },
  {
    show: 'TRIGGER',
    column: 'SQL Original Statement',
    list: 'select trigger_name as name from information_schema.triggers where trigger_schema = database()',
  },
  {
    show: 'PROCEDURE',
    column: 'Create Procedure',
    list: "select routine_name as name from information_schema.routines where routine_schema = database() and routine_type = 'PROCEDURE'",
  },
  {
    show: 'FUNCTION',
    column: 'Create Function',
    list: "select routine_name as name from information_schema.routines where routine_schema = database() and routine_type = 'FUNCTION'",
  },
  {
    show: 'EVENT',
    column: 'Create Event',
    list: 'select event_name as name from information_schema.events where event_schema = database()',
  },
] as const;

/** SHOW CREATE of every object in the database, sorted by kind and name. */
export async function dumpMysqlSchema(url: string, options: DumpOptions = {}): Promise<string> {
  return withConnection(url, async (connection) => {
    const [[current]] = await connection.query<Named[]>('select database() as name');
    const parts: string[] = [];
    for (const kind of KINDS) {
      for (const name of await names(connection, kind.list, options)) {
        const [[row]] = await connection.query<RowDataPacket[]>(
          `SHOW CREATE ${kind.show} ${quote(name)}`,
        );
        const text = String((row as Record<string, unknown>)[kind.column]);
        parts.push(`-- ${kind.show} ${name}\n${comparable(text, String(current?.name))}`);
      }
    }
    return parts.join('\n\n');
  });
}

/** Every row of every table, as JSON lines sorted within their table. */
export async function dumpMysqlRows(url: string, options: DumpOptions = {}): Promise<string> {
  return withConnection(url, async (connection) => {
    const parts: string[] = [];
    for (const name of await names(connection, KINDS[0].list, options)) {
      const [rows] = await connection.query<RowDataPacket[]>(`SELECT * FROM ${quote(name)}`);
      const lines = rows.map((row) =>
        JSON.stringify(row, (key, value: unknown) =>
          options.exceptColumns?.includes(key) ? undefined : value,
        ),
      );
      parts.push(`-- ${name}\n${lines.toSorted().join('\n')}`);
    }
    return parts.join('\n\n');
  });
}

async function withConnection<T>(url: string, work: (on: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection({
    uri: url,
    dateStrings: true,
    supportBigNumbers: true,
  });
  try {
    return await work(connection);
  } finally {
    await connection.end();
  }
}

async function names(on: Connection, list: string, options: DumpOptions): Promise<string[]> {
  const [rows] = await on.query<Named[]>(list);
  const excluded = options.exceptTables ?? /^(__drizzle_migrations|migration_.*)$/;
  return rows
    .map(({ name }) => name)
    .filter((name) => !excluded.test(name))
    .toSorted();
}

/** Without what depends on who ran it, where, and how often it was tried. */
function comparable(text: string, database: string): string {
  return text
    .replaceAll(/ AUTO_INCREMENT=\d+/g, '')
    .replaceAll(/ ?DEFINER=`[^`]*`@`[^`]*`/g, '')
    .replaceAll(`${quote(database)}.`, '');
}

function quote(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
