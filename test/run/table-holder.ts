import mysql from 'mysql2/promise';
import pg from 'pg';

/** A session that keeps a table from being altered until it is released. */
export interface TableHolder {
  /** Its pid or connection id, as text. */
  readonly pid: string;
  release(): Promise<void>;
}

/** Opens a transaction that has read the table: what a forgotten `BEGIN` in an application does. */
export async function holdTable(
  dialect: 'postgresql' | 'mysql',
  url: string,
  table: string,
): Promise<TableHolder> {
  if (dialect === 'postgresql') {
    const client = new pg.Client({ connectionString: url, application_name: 'holder' });
    await client.connect();
    await client.query(`BEGIN; SELECT 'holder-canary' FROM ${table}`);
    const { rows } = await client.query<{ pid: string }>('SELECT pg_backend_pid()::text AS pid');
    return { pid: rows[0]?.pid ?? '', release: () => client.end() };
  }
  const connection = await mysql.createConnection(url);
  await connection.query('START TRANSACTION');
  await connection.query(`SELECT 'holder-canary' FROM ${table}`);
  const [rows] = await connection.query('SELECT cast(connection_id() as char) AS pid');
  const [row] = rows as { pid: string }[];
  return { pid: row?.pid ?? '', release: () => connection.end() };
}
