import type { TestDatabase } from '../servers/index.js';

/** Schemas and tables that anybody made, with their number of rows: what must be the same before and after a refusal. */
export async function contentsOf(database: TestDatabase): Promise<readonly string[]> {
  const mysql = database.url.startsWith('mysql');
  const found = await database.query<{ readonly place: string; readonly name: string | null }>(
    mysql ? MYSQL_TABLES : POSTGRES_TABLES,
  );
  const tables = found.filter(({ name }) => name !== null);
  const counts = await Promise.all(
    tables.map(({ place, name }) => {
      const quoted = mysql ? `\`${name}\`` : `"${place}"."${name}"`;
      return database.query<{ readonly n: string | number }>(`SELECT count(*) AS n FROM ${quoted}`);
    }),
  );
  return [
    ...new Set(found.map(({ place }) => (mysql ? 'database' : place))),
    ...tables.map(
      ({ place, name }, index) =>
        `${mysql ? '' : `${place}.`}${name}: ${Number(counts[index]?.[0]?.n)}`,
    ),
  ];
}

const POSTGRES_TABLES = `
  SELECT n.nspname::text AS place, c.relname::text AS name
    FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm')
   WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   ORDER BY 1, 2`;

const MYSQL_TABLES = `
  SELECT table_schema AS place, table_name AS name FROM information_schema.tables
   WHERE table_schema = database() ORDER BY 2`;
