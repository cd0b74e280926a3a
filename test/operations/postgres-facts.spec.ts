import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../src/database/create-database.js';
import type { Session } from '../../src/database/database.js';
import { readPostgresFacts } from '../../src/operations/postgres/table-facts.js';
import type { TableFacts } from '../../src/operations/table-facts.js';
import { servers, type TestDatabase, type TestUser } from '../servers/index.js';

const SCHEMA = `
create schema app;
create extension citext;
create collation app.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create type app.mood as enum ('calm', 'cross');
create domain app.short as varchar(20);
create table app.parents (id bigint primary key);
create table app.users (
  id bigint generated always as identity primary key,
  name text not null default 'no one',
  nick app.short,
  mail citext,
  ci text collate app.ci,
  mood app.mood default 'calm',
  doc json,
  amount numeric(10, 2) default 0.00,
  made timestamptz default now(),
  parent bigint references app.parents (id) on delete set null,
  loud text generated always as (upper(name)) stored,
  constraint amount_check check (amount >= 0),
  constraint nick_unique unique (nick)
);
comment on column app.users.name is 'what they are called';
create index users_name_lower on app.users (lower(name)) include (mail);
create index users_made on app.users (made desc) where name <> '';
alter table app.users add constraint late check (name <> '') not valid;
create table app.notes (user_nick text references app.users (nick));
create view app.names as select id, name from app.users;
create materialized view app.many as select name from app.users;
alter table app.users enable row level security;
create policy own on app.users using (name = current_user);
create publication names for table app.users (id, name);
create publication users for table app.users;
create statistics app.users_stats on name, amount from app.users;
create function app.touched() returns trigger language plpgsql as $$ begin return new; end $$;
create function app.find(wanted text) returns bigint language sql as $$ select id from app.users where name = wanted $$;
create trigger watch after update of name on app.users for each row when (new.amount > 0) execute function app.touched();
create trigger zzzz before insert or update on app.users for each row execute function app.touched();
grant select (name) on app.users to public;
insert into app.parents values (1);
`;

describe.each(['postgres18', 'postgres15'] as const)('facts of a table on %s', (server) => {
  let test: TestDatabase;
  let reader: TestUser;
  let session: Session;
  let facts: TableFacts;

  beforeAll(async () => {
    test = await (await servers[server]()).createDatabase();
    await test.query(SCHEMA);
    reader = await test.createUser(() => []);
    session = await createDatabase({ dialect: 'postgresql', url: reader.url }).connect({
      role: 'runner',
    });
    facts = await readPostgresFacts(session, { schema: 'app', name: 'users' });
  });
  afterAll(async () => {
    await session.close();
    await reader.drop();
    await test.drop();
  });

  const column = (name: string) => facts.columns.find((one) => one.name === name);

  it('are read by a login without any privilege, which is told what it lacks', () => {
    expect(facts).toMatchObject({ kind: 'table', table: { schema: 'app', name: 'users' } });
    expect(facts.missingPrivileges).toEqual([
      'OWNERSHIP OF TABLE "app"."users"',
      'CREATE ON SCHEMA "app"',
      'SELECT ON TABLE "app"."users"',
      'UPDATE ON TABLE "app"."users"',
    ]);
    expect(facts.postgres?.rowsHidden).toBe(true);
  });

  it('columns: type, default, and whether it is the same for every row', () => {
    expect(column('name')).toMatchObject({
      type: 'text',
      nullable: false,
      default: `'no one'::text`,
      volatileDefault: false,
      comment: 'what they are called',
    });
    expect(column('made')).toMatchObject({ default: 'now()', volatileDefault: true });
    expect(column('amount')).toMatchObject({ type: 'numeric(10,2)', volatileDefault: false });
    expect(column('mood')).toMatchObject({ type: 'app.mood', volatileDefault: false });
    expect(column('id')).toMatchObject({ identity: true });
    expect(column('loud')).toMatchObject({ generated: 'stored', default: null });
    expect(facts.postgres?.grantedColumns).toEqual(['name']);
  });

  it('columns whose equality is not that of bytes', () => {
    const loose = facts.columns.filter(({ looseEquality }) => looseEquality);
    expect(loose.map(({ name }) => name)).toEqual(['mail', 'ci', 'doc', 'amount']);
    expect(column('ci')?.collation).toBe('app.ci');
  });

  it('indexes and constraints, with every column that they name', () => {
    expect(facts.indexes.find(({ primary }) => primary)?.columns).toEqual(['id']);
    expect(facts.indexes.find(({ name }) => name === 'nick_unique')).toMatchObject({
      unique: true,
      partial: false,
      constraint: 'nick_unique',
    });
    const named = facts.postgres?.indexes.map(({ name, columns }) => [name, [...columns].sort()]);
    expect(named).toContainEqual(['users_name_lower', ['mail', 'name']]);
    expect(named).toContainEqual(['users_made', ['made', 'name']]);
    expect(facts.checks.map(({ name, validated }) => [name, validated])).toEqual([
      ['amount_check', true],
      ['late', false],
    ]);
    expect(facts.foreignKeys).toMatchObject([
      { direction: 'in', columns: ['nick'], other: { table: { name: 'notes' } } },
      { direction: 'out', columns: ['parent'], onDelete: 'set null', onUpdate: 'no action' },
    ]);
  });

  it('all else that names a column', () => {
    const named = facts.dependents
      .filter(({ columns }) => columns.includes('name'))
      .map(({ kind, name, certain }) => [kind, name, certain]);
    expect(named).toEqual([
      ['function', 'app.find(text)', false],
      ['generated column', 'loud', true],
      ['materialized view', 'app.many', true],
      ['policy', 'own', true],
      ['publication', 'names', true],
      ['statistics', 'app.users_stats', true],
      ['view', 'app.names', true],
    ]);
    expect(facts.postgres?.publishedWhole).toEqual(['users']);
  });

  it('triggers, with their time and the columns they wait for', () => {
    expect(facts.triggers).toMatchObject([
      { name: 'watch', timing: 'after', events: ['update'], columns: ['amount', 'name'] },
      { name: 'zzzz', timing: 'before', events: ['insert', 'update'], perRow: true, columns: [] },
    ]);
  });

  it('of a table that is not there', async () => {
    const other = await readPostgresFacts(session, { schema: null, name: 'users' });
    expect(other).toMatchObject({ kind: 'missing', columns: [] });
  });
});
