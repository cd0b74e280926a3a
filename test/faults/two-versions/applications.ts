import { eq, inArray } from 'drizzle-orm';
import { drizzle as mysqlDrizzle } from 'drizzle-orm/mysql2';
import * as mysql from 'drizzle-orm/mysql-core';
import { drizzle as postgresDrizzle } from 'drizzle-orm/node-postgres';
import * as postgres from 'drizzle-orm/pg-core';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';

/** What one version of the application knows of a row. */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly visits: number;
}

/** One version of an application, by Drizzle, on a connection of its own. Its schema calls the name as its release does. */
export interface Application {
  insert(people: readonly Person[]): Promise<unknown>;
  upsert(person: Person): Promise<unknown>;
  setName(ids: readonly number[], name: string): Promise<unknown>;
  setVisits(id: number, visits: number): Promise<unknown>;
  setBoth(person: Person): Promise<unknown>;
  remove(id: number): Promise<unknown>;
  find(id: number): Promise<Person | undefined>;
  close(): Promise<void>;
}

/** @param column what this release calls the name */
export function application(url: string, column: 'name' | 'full_name'): Promise<Application> {
  return url.startsWith('mysql') ? onMysql(url, column) : onPostgres(url, column);
}

async function onPostgres(url: string, column: string): Promise<Application> {
  const people = postgres.pgTable('people', {
    id: postgres.integer().primaryKey(),
    name: postgres.text(column).notNull(),
    visits: postgres.integer().notNull(),
  });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const db = postgresDrizzle({ client });
  return {
    insert: (rows) => db.insert(people).values([...rows]),
    upsert: (row) =>
      db.insert(people).values(row).onConflictDoUpdate({ target: people.id, set: row }),
    setName: (ids, name) =>
      db
        .update(people)
        .set({ name })
        .where(inArray(people.id, [...ids])),
    setVisits: (id, visits) => db.update(people).set({ visits }).where(eq(people.id, id)),
    setBoth: ({ id, ...row }) => db.update(people).set(row).where(eq(people.id, id)),
    remove: (id) => db.delete(people).where(eq(people.id, id)),
    find: async (id) => (await db.select().from(people).where(eq(people.id, id)))[0],
    close: () => client.end(),
  };
}

async function onMysql(url: string, column: string): Promise<Application> {
  const people = mysql.mysqlTable('people', {
    id: mysql.int().primaryKey(),
    name: mysql.varchar(column, { length: 100 }).notNull(),
    visits: mysql.int().notNull(),
  });
  const client = await createConnection(url);
  const db = mysqlDrizzle({ client });
  return {
    insert: (rows) => db.insert(people).values([...rows]),
    upsert: (row) => db.insert(people).values(row).onDuplicateKeyUpdate({ set: row }),
    setName: (ids, name) =>
      db
        .update(people)
        .set({ name })
        .where(inArray(people.id, [...ids])),
    setVisits: (id, visits) => db.update(people).set({ visits }).where(eq(people.id, id)),
    setBoth: ({ id, ...row }) => db.update(people).set(row).where(eq(people.id, id)),
    remove: (id) => db.delete(people).where(eq(people.id, id)),
    find: async (id) => (await db.select().from(people).where(eq(people.id, id)))[0],
    close: () => client.end(),
  };
}
