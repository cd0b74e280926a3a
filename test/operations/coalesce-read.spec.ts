import { expect, it } from '@jest/globals';
import { drizzle } from 'drizzle-orm/node-postgres';
import { pgTable, serial, timestamp } from 'drizzle-orm/pg-core';
import { Client } from 'pg';
import { coalesceRead } from '../../src/drizzle/index.js';
import { servers } from '../servers/index.js';

const visits = pgTable('visits', {
  id: serial('id').primaryKey(),
  at: timestamp('at'),
  visitedAt: timestamp('visited_at'),
});

it('reads the new column, and the old one where a row is not filled in yet, decoded as the new column is', async () => {
  const database = await (await servers.postgres18()).createDatabase();
  const client = new Client({ connectionString: database.url });
  try {
    await client.connect();
    await client.query(
      'CREATE TABLE visits (id serial PRIMARY KEY, at timestamp, visited_at timestamp)',
    );
    await client.query(
      `INSERT INTO visits (at, visited_at) VALUES ('2026-01-01', NULL), ('2026-01-01', '2026-02-02'), (NULL, NULL)`,
    );
    const rows = await drizzle({ client })
      .select({ visitedAt: coalesceRead(visits.visitedAt, visits.at) })
      .from(visits)
      .orderBy(visits.id);
    const dates: (Date | null)[] = rows.map(({ visitedAt }) => visitedAt);
    expect(dates).toEqual([
      new Date('2026-01-01T00:00:00Z'),
      new Date('2026-02-02T00:00:00Z'),
      null,
    ]);
  } finally {
    await client.end();
    await database.drop();
  }
});
