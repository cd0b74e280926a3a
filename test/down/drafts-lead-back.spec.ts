import { afterAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import * as my from 'drizzle-orm/mysql-core';
import * as pg from 'drizzle-orm/pg-core';
import { drizzleKitSql } from '../../src/cli/drizzle-kit.js';
import type { GenerateSql } from '../../src/down/make-down.js';
import { createMigrator } from '../../src/index.js';
import { expectRoundTrip } from '../../src/testing/index.js';
import { readStatements } from '../../src/statements/read-statements.js';
import { dumpSchema } from '../journals/schema-dump.js';
import { servers } from '../servers/index.js';
import { kitJournal, type KitJournal, type Schema } from './kit-journal.js';

/** A change of schema.ts: the way there is drizzle-kit's, the way back the draft's. */
interface Change {
  readonly name: string;
  readonly before: Schema;
  readonly after: Schema;
}

type Server = 'postgres18' | 'mysql' | 'mariadb';
type RoundTrip = Readonly<Record<'text' | 'before' | 'between' | 'behind', string>>;

/** drizzle-kit 1.x needs another drizzle-orm than the one beside these tests: its answers, as it gave them. */
const recorded = JSON.parse(
  readFileSync(new URL('./drizzle-kit-1x.json', import.meta.url), 'utf8'),
) as Readonly<Record<'postgresql' | 'mysql', Recorded>>;

interface Recorded {
  readonly migrations: readonly {
    readonly name: string;
    readonly sql: string;
    readonly snapshot: unknown;
  }[];
  readonly back: readonly string[];
}

const opened: { close(): Promise<void> }[] = [];
afterAll(async () => {
  for (const each of opened) await each.close();
});

/** A folder of two migrations, and who generates the way back from the second. */
interface Folder extends KitJournal {
  readonly generate: GenerateSql;
}

async function thereAndBack(server: Server, { before, after }: Change): Promise<RoundTrip> {
  const dialect = server === 'postgres18' ? 'postgresql' : 'mysql';
  const journal = await kitJournal(dialect, [before, after]);
  return roundTrip(server, { ...journal, generate: drizzleKitSql });
}

/** Applies the migrations and the draft of the second, and dumps the schema before, between and behind. */
async function roundTrip(
  server: Server,
  { folder, tags, generate, remove }: Folder,
): Promise<RoundTrip> {
  const dialect = server === 'postgres18' ? 'postgresql' : 'mysql';
  const database = await (await servers[server]()).createDatabase();
  const migrator = createMigrator({ database: { dialect, url: database.url }, migrations: folder });
  opened.push({
    async close() {
      await migrator.close();
      await database.drop();
      await remove();
    },
  });
  const [first = '', second = ''] = tags;
  await migrator.up({ to: first });
  const before = await dumpSchema(database.url);
  await migrator.up();
  const between = await dumpSchema(database.url);
  const { text } = await migrator.makeDown(second, { generate });
  for (const statement of readStatements(text, dialect).statements)
    await database.query(statement.sql);
  return { text, before, between, behind: await dumpSchema(database.url) };
}

describe('Postgres: the draft leads back to the schema of before', () => {
  const { pgTable, integer, serial, text, varchar, bigint, pgEnum, pgSchema } = pg;
  const users = pgTable('users', { id: serial().primaryKey(), name: text().notNull() });
  const status = pgEnum('status', ['placed', 'shipped']);
  const more = pgEnum('status', ['placed', 'paid', 'shipped']);
  const orders = (type: typeof status) =>
    pgTable('orders', {
      id: serial().primaryKey(),
      user: integer(),
      amount: integer().notNull(),
      note: text().notNull(),
      status: type().default('placed').notNull(),
    });

  const changes: readonly Change[] = [
    {
      name: 'tables with indexes that reference each other and what was there',
      before: { users },
      after: (() => {
        // Drizzle Kit drops them in this order, which only CASCADE lets through.
        const a = pgTable('a', { id: serial().primaryKey(), b: integer() }, (t) => [
          pg.foreignKey({ columns: [t.b], foreignColumns: [b.id], name: 'a_b' }),
        ]);
        const b = pgTable('b', {
          id: serial().primaryKey(),
          a: integer().references((): pg.AnyPgColumn => a.id),
          user: integer().references(() => users.id),
        });
        const c = pgTable('c', { id: serial().primaryKey(), self: integer() }, (t) => [
          pg.index('c_self').on(t.self),
          pg.foreignKey({ columns: [t.self], foreignColumns: [t.id], name: 'c_c' }),
        ]);
        return { users, a, b, c };
      })(),
    },
    {
      name: 'a column that references a new table, with a unique index',
      before: { users },
      after: (() => {
        const teams = pgTable('teams', { id: serial().primaryKey() });
        const joined = pgTable(
          'users',
          {
            id: serial().primaryKey(),
            name: text().notNull(),
            team: integer().references(() => teams.id),
            nick: varchar({ length: 20 }),
          },
          (t) => [pg.uniqueIndex('users_team').on(t.team), pg.unique('users_nick').on(t.nick)],
        );
        return { joined, teams };
      })(),
    },
    {
      name: 'index, check, a wider type, a default, NOT NULL dropped, a value of an enum',
      before: { status, orders: orders(status) },
      after: {
        more,
        orders: pgTable(
          'orders',
          {
            id: serial().primaryKey(),
            user: integer().default(1),
            amount: bigint({ mode: 'number' }).notNull(),
            note: text(),
            status: more().default('placed').notNull(),
          },
          (t) => [
            pg.index('orders_user').on(t.user, t.amount),
            pg.check('orders_amount', sql`amount >= 0`),
          ],
        ),
      },
    },
    {
      name: 'a schema, an enum, a sequence, a view, row level security and a policy',
      before: { users },
      after: (() => {
        const shop = pgSchema('shop');
        const goods = shop.table('goods', { id: serial().primaryKey(), n: integer() }, (t) => [
          pg.index('goods_n').on(t.n),
        ]);
        const guarded = pgTable(
          'users',
          { id: serial().primaryKey(), name: text().notNull() },
          () => [pg.pgPolicy('own', { using: sql`true` })],
        );
        return {
          shop,
          goods,
          guarded,
          mood: pgEnum('mood', ['sad', 'happy']),
          numbers: pg.pgSequence('numbers'),
          named: pg.pgView('named').as((qb) => qb.select().from(guarded)),
        };
      })(),
    },
  ];
  it.each(changes)('$name', async (change) => {
    const { text, before, between, behind } = await thereAndBack('postgres18', change);
    expect(between).not.toBe(before);
    expect({ text, schema: behind }).toEqual({ text, schema: before });
  });
});

describe.each(['mysql', 'mariadb'] as const)(
  '%s: the draft leads back to the schema of before',
  (server) => {
    const { mysqlTable, int, varchar, bigint, mysqlEnum } = my;
    const users = mysqlTable('users', { id: int().primaryKey(), team: int() });
    const orders = mysqlTable('orders', {
      id: int().primaryKey(),
      user: int().references(() => users.id),
      amount: int().notNull(),
      status: mysqlEnum(['placed', 'shipped']).default('placed').notNull(),
      note: varchar({ length: 20 }).notNull(),
    });
    const changes: readonly Change[] = [
      {
        name: 'tables with indexes that reference each other and what was there',
        before: { users },
        after: (() => {
          const a = mysqlTable('a', { id: int().primaryKey(), b: int() }, (t) => [
            my.foreignKey({ columns: [t.b], foreignColumns: [b.id], name: 'a_b' }),
          ]);
          const b = mysqlTable('b', {
            id: int().primaryKey(),
            a: int().references((): my.AnyMySqlColumn => a.id),
            user: int().references(() => users.id),
          });
          // Sorted before what references it.
          const base = mysqlTable('base', { id: int().primaryKey() });
          const c = mysqlTable('c', { id: int().primaryKey(), base: int() }, (t) => [
            my.index('c_base').on(t.base),
            my.foreignKey({ columns: [t.base], foreignColumns: [base.id], name: 'c_fk' }),
          ]);
          return { users, a, b, base, c };
        })(),
      },
      {
        name: 'foreign keys of old and new columns, with indexes and without',
        before: { users },
        after: (() => {
          const teams = mysqlTable('teams', { id: int().primaryKey() });
          const joined = mysqlTable(
            'users',
            {
              id: int().primaryKey(),
              team: int().references(() => teams.id),
              second: int().references(() => teams.id),
              third: int().references(() => teams.id),
            },
            (t) => [
              my.uniqueIndex('users_third').on(t.third),
              my.index('users_both').on(t.id, t.team),
            ],
          );
          return { joined, teams };
        })(),
      },
      {
        name: 'an index in the place of the one that the server made for a foreign key',
        before: { users, orders },
        after: {
          users,
          orders: mysqlTable(
            'orders',
            {
              id: int().primaryKey(),
              user: int().references(() => users.id),
              amount: int().notNull(),
              status: mysqlEnum(['placed', 'shipped']).default('placed').notNull(),
              note: varchar({ length: 20 }).notNull(),
            },
            (t) => [my.index('orders_user').on(t.user, t.amount)],
          ),
        },
      },
      {
        name: 'check, a wider type, a default, NOT NULL dropped, a value of an enum, a view',
        before: { users, orders },
        after: (() => {
          const wider = mysqlTable(
            'orders',
            {
              id: int().primaryKey(),
              user: int().references(() => users.id),
              amount: bigint({ mode: 'number' }).notNull().default(0),
              status: mysqlEnum(['placed', 'shipped', 'paid']).default('placed').notNull(),
              note: varchar({ length: 200 }),
            },
            () => [my.check('orders_amount', sql`amount >= 0`)],
          );
          return { users, wider, seen: my.mysqlView('seen').as((qb) => qb.select().from(users)) };
        })(),
      },
    ];
    it.each(changes)('$name', async (change) => {
      const { text, before, between, behind } = await thereAndBack(server, change);
      expect(between).not.toBe(before);
      expect({ text, schema: behind }).toEqual({ text, schema: before });
    });
  },
);

describe.each(['mysql', 'mariadb'] as const)(
  '%s: the draft is gone back and forth over',
  (server) => {
    it('with a foreign key that is made again beside a new index on its column', async () => {
      const { mysqlTable, int } = my;
      const users = mysqlTable('users', { id: int().primaryKey() });
      const before = mysqlTable('posts', {
        id: int().primaryKey(),
        user: int().references(() => users.id),
        state: int(),
      });
      const after = mysqlTable(
        'posts',
        {
          id: int().primaryKey(),
          user: int().references(() => users.id, { onDelete: 'cascade' }),
          state: int(),
        },
        (t) => [my.index('posts_user_state').on(t.user, t.state)],
      );
      const journal = await kitJournal('mysql', [
        { users, before },
        { users, after },
      ]);
      const [, tag = ''] = journal.tags;
      const draft = await createMigrator({
        database: { dialect: 'mysql', url: 'mysql://nobody@localhost/none' },
        migrations: journal.folder,
      }).makeDown(tag, { generate: drizzleKitSql, write: 'new' });
      expect(draft.text).not.toContain('CREATE INDEX');
      const { url } = await servers[server]();
      const { checked } = await expectRoundTrip({ url, migrations: journal.folder });
      expect(checked).toEqual([tag]);
      await journal.remove();
    });
  },
);

describe('what drizzle-kit 1.x makes of its own snapshots', () => {
  it.each(['postgres18', 'mysql', 'mariadb'] as const)('leads back on %s', async (server) => {
    const dialect = server === 'postgres18' ? 'postgresql' : 'mysql';
    const { migrations, back } = recorded[dialect];
    const folder = await mkdtemp(join(tmpdir(), 'kit-1x-'));
    for (const { name, sql: text, snapshot } of migrations) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'migration.sql'), text);
      await writeFile(join(folder, name, 'snapshot.json'), JSON.stringify(snapshot));
    }
    const { before, between, behind, text } = await roundTrip(server, {
      folder,
      tags: migrations.map(({ name }) => name),
      generate: (request) => {
        expect(request.from).toEqual(migrations[1]?.snapshot);
        expect(request.to).toEqual(migrations[0]?.snapshot);
        return Promise.resolve({ kind: 'statements', statements: back });
      },
      remove: () => rm(folder, { recursive: true }),
    });
    expect(between).not.toBe(before);
    expect({ text, schema: behind }).toEqual({ text, schema: before });
  });
});
