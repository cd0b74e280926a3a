import { createConnection } from 'mysql2/promise';
import pg from 'pg';

/** Sends a statement on one connection. @returns how many rows it wrote, or found */
export type Send = (sql: string) => Promise<number>;

/** A connection of the driver's own, as a hand-written script has it, for the time of `work`. */
export async function withClient<T>(url: string, work: (send: Send) => Promise<T>): Promise<T> {
  if (url.startsWith('mysql')) {
    const connection = await createConnection(url);
    try {
      return await work(async (sql) => {
        const [result] = await connection.query(sql);
        return Array.isArray(result) ? result.length : result.affectedRows;
      });
    } finally {
      await connection.end();
    }
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(async (sql) => (await client.query(sql)).rowCount ?? 0);
  } finally {
    await client.end();
  }
}
