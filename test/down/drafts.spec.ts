import { describe, expect, it, test } from '@jest/globals';
import { makeDown, type DownDraft, type GenerateSql } from '../../src/down/make-down.js';
import type { MigratorError } from '../../src/errors.js';
import { NO_DIRECTIVES } from '../../src/journal/directive-lines.js';
import type { Journal, Migration, ParsedMigration } from '../../src/journal/journal.js';
import { drizzleKitSql } from '../../src/cli/drizzle-kit.js';
import { checksumOf } from '../../src/journal/migration-file.js';
import { parseMigration } from '../../src/journal/parse-migration.js';

type Dialect = 'postgresql' | 'mysql';
type Tables = Readonly<Record<string, readonly string[]>>;

/** A migration of a folder that is only here. */
interface Step {
  readonly sql: string;
  /** Tables with their columns as the snapshot has them; null = there is no snapshot. */
  readonly tables: Tables | null;
  readonly parent?: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

const ORIGIN = '00000000-0000-0000-0000-000000000000';

function snapshot(
  dialect: Dialect,
  { tables, parent, more }: Step,
  index: number,
): Readonly<Record<string, unknown>> {
  const tableOf = (name: string, columns: readonly string[]) => ({
    name,
    ...(dialect === 'postgresql' && { schema: '', policies: {}, isRLSEnabled: false }),
    columns: Object.fromEntries(
      columns.map((column) => [
        column,
        {
          ...{ name: column, type: column === 'id' ? 'int' : 'text', primaryKey: false },
          notNull: false,
          ...(dialect === 'mysql' && { autoincrement: false }),
        },
      ]),
    ),
    ...{ indexes: {}, foreignKeys: {}, compositePrimaryKeys: {}, uniqueConstraints: {} },
    ...(dialect === 'mysql' ? { checkConstraint: {} } : { checkConstraints: {} }),
  });
  const prefix = dialect === 'postgresql' ? 'public.' : '';
  return {
    ...{ version: dialect === 'mysql' ? '5' : '7', dialect, id: `id-${index}` },
    prevId: parent ?? (index === 0 ? ORIGIN : `id-${index - 1}`),
    tables: Object.fromEntries(
      Object.entries(tables ?? {}).map(([name, columns]) => [
        `${prefix}${name}`,
        tableOf(name, columns),
      ]),
    ),
    ...{ enums: {}, schemas: {}, views: {}, sequences: {}, roles: {}, policies: {} },
    _meta: { columns: {}, schemas: {}, tables: {} },
    ...more,
  };
}

/** Drafts the way back of the last of these. */
function draft(
  steps: readonly Step[],
  dialect: Dialect = 'postgresql',
  generate: GenerateSql = drizzleKitSql,
): Promise<DownDraft> {
  const migrations = steps.map(({ sql }, position): Migration => {
    const tag = `000${position}_step`;
    return {
      ...{ tag, layout: 'journal', position, createdAtMs: position, checksum: checksumOf(sql) },
      ...{ file: `drizzle/${tag}.sql`, invalidLine: null, downFile: null, readDown: () => null },
      read: () => sql,
      lineEndingChecksums: () => [],
    };
  });
  const journal: Journal = { layout: 'journal', folder: 'drizzle', migrations, findings: [] };
  const read = (path: string): string | null => {
    const index = Number(/(\d{4})_snapshot/.exec(path)?.[1]);
    const step = steps[index];
    return step === undefined || step.tables === null
      ? null
      : JSON.stringify(snapshot(dialect, step, index));
  };
  return makeDown(journal, migrations.at(-1)?.tag ?? '', dialect, read, generate);
}

function parsed(text: string, dialect: Dialect): ParsedMigration {
  const migration: Migration = {
    ...{ tag: 'x', layout: 'journal', position: 0, createdAtMs: 0, checksum: '', file: 'x' },
    ...{
      invalidLine: null,
      downFile: null,
      readDown: () => null,
      read: () => text,
      lineEndingChecksums: () => [],
    },
  };
  return parseMigration(migration, { dialect });
}

async function refusal(drafted: Promise<unknown>): Promise<MigratorError> {
  const error: unknown = await drafted.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toHaveProperty('code');
  return error as MigratorError;
}

const USERS: Step = {
  sql: 'CREATE TABLE users (id int, name text);',
  tables: { users: ['id', 'name'] },
};

describe('the text of a draft', () => {
  it('says what it was made from and what does not come back', async () => {
    const { text, file, snapshots, complete, statements } = await draft([
      USERS,
      { sql: 'ALTER TABLE users ADD COLUMN note text;', tables: { users: ['id', 'name', 'note'] } },
    ]);
    expect(text)
      .toBe(`-- Drafted by nest-migrate make-down from drizzle/meta/0001_snapshot.json and drizzle/meta/0000_snapshot.json.
-- Read it before use: it takes the schema back, and not the rows.

-- The values of column users.note do not come back.
ALTER TABLE "users" DROP COLUMN "note";
`);
    expect({ file, snapshots, complete, statements }).toEqual({
      file: 'drizzle/0001_step.down.sql',
      snapshots: {
        current: 'drizzle/meta/0001_snapshot.json',
        previous: 'drizzle/meta/0000_snapshot.json',
      },
      complete: true,
      statements: 1,
    });
  });

  it.each(['postgresql', 'mysql'] as const)(
    'leads from the first migration to nothing: %s',
    async (dialect) => {
      const { text, snapshots } = await draft([USERS], dialect);
      expect(snapshots.previous).toBeNull();
      expect(text).toContain('and an empty schema.');
      expect(text).toMatch(/-- The rows of table users do not come back\.\nDROP TABLE .users.;\n$/);
    },
  );

  it('names what no snapshot knows where its reverse belongs, without its text', async () => {
    const { text, complete } = await draft([
      USERS,
      {
        sql: `SET lock_timeout = '2s';
CREATE TABLE logs (id int);
INSERT INTO users (name) VALUES ('secret');
ALTER TABLE users ADD COLUMN note text;
INSERT INTO logs VALUES (1);
-- @run fill
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';`,
        tables: { users: ['id', 'name', 'note'], logs: ['id'] },
      },
    ]);
    expect(text.split('\n').slice(3)).toEqual([
      '-- The file also ran statement 6 (line 7, CREATE FUNCTION): write its reverse here, or delete this line.',
      '-- The file also ran code migration fill (line 6): write its reverse here, or delete this line.',
      '-- The file also ran statement 5 (line 5, INSERT INTO): what it did goes with table logs.',
      '-- The file also ran statement 3 (line 3, INSERT INTO): write its reverse here, or delete this line.',
      '-- The rows of table logs do not come back.',
      'DROP TABLE "logs";',
      '--> statement-breakpoint',
      '-- The values of column users.note do not come back.',
      'ALTER TABLE "users" DROP COLUMN "note";',
      '',
    ]);
    expect(text).not.toContain('secret');
    expect(complete).toBe(false);
  });

  it('has no line that is a directive, whatever things are called', async () => {
    const odd = '@irreversible\n-- @impact expand';
    const { text } = await draft([
      USERS,
      {
        sql: `ALTER TABLE users ADD COLUMN "${odd}" text;`,
        tables: { users: ['id', 'name', odd] },
      },
    ]);
    expect(text).toContain(
      '-- The values of column users.@irreversible?-- @impact expand do not come back.',
    );
    const { directives, statements } = parsed(text, 'postgresql');
    expect(directives).toEqual(NO_DIRECTIVES);
    expect(statements).toHaveLength(1);
  });

  it('says where the snapshots have something that the file did not do', async () => {
    const { text } = await draft([
      USERS,
      { sql: 'SELECT 1;', tables: { users: ['id', 'name', 'note'] } },
    ]);
    expect(text).toContain('No statement of the file is known to have done what this takes back');
  });

  it('puts what is said of an enum above all that belongs to it', async () => {
    const enums = (values: readonly string[]) => ({
      enums: { 'public.mood': { name: 'mood', schema: 'public', values } },
      tables: {
        'public.users': {
          ...{ name: 'users', schema: '', indexes: {}, foreignKeys: {}, policies: {} },
          ...{ compositePrimaryKeys: {}, uniqueConstraints: {}, checkConstraints: {} },
          isRLSEnabled: false,
          columns: {
            mood: {
              ...{ name: 'mood', type: 'mood', typeSchema: 'public' },
              primaryKey: false,
              notNull: false,
            },
          },
        },
      },
    });
    const { text } = await draft([
      { sql: 'SELECT 1', tables: {}, more: enums(['sad']) },
      { sql: "ALTER TYPE mood ADD VALUE 'glad';", tables: {}, more: enums(['sad', 'glad']) },
    ]);
    expect(text.split('\n')[3]).toContain('Postgres takes no value out of an enum: type mood');
    expect(text.split('\n')[5]).toContain('SET DATA TYPE text');
    expect(text).not.toContain('glad');
  });
});

describe('operations', () => {
  const after = { users: ['id', 'name', 'full', 'nick', 'plain'] };

  it('what takes back their statements stands below their lines, after everything else', async () => {
    const { text } = await draft([
      USERS,
      {
        sql: `ALTER TABLE users ADD COLUMN plain text;
-- @operation one expand
ALTER TABLE users ADD COLUMN "full" text;
-- @operation one backfill
UPDATE users SET "full" = name;
-- @operation two expand
ALTER TABLE users ADD COLUMN nick text;
-- @operation three expand
-- @operation three backfill
`,
        tables: after,
      },
    ]);
    expect(text.split('\n').slice(2)).toEqual([
      '-- Nothing here takes back operation three alone; what it did is undone by: nest-migrate operation undo three',
      '',
      '-- The values of column users.plain do not come back.',
      'ALTER TABLE "users" DROP COLUMN "plain";',
      '--> statement-breakpoint',
      '-- @operation two undo',
      '-- The values of column users.nick do not come back.',
      'ALTER TABLE "users" DROP COLUMN "nick";',
      '--> statement-breakpoint',
      '-- @operation one undo',
      '-- The file also ran statement 3 (line 5, UPDATE): write its reverse here, or delete this line.',
      '-- The values of column users.full do not come back.',
      'ALTER TABLE "users" DROP COLUMN "full";',
      '',
    ]);
  });

  it('what cannot be told apart stays outside, and says so', async () => {
    const { text } = await draft([
      { sql: 'SELECT 1', tables: {} },
      {
        sql: `CREATE TABLE logs (id int);
-- @operation one expand
ALTER TABLE logs ADD COLUMN note text;`,
        tables: { logs: ['id', 'note'] },
      },
    ]);
    expect(text).not.toContain('@operation');
    expect(text).toContain('It takes back what operation one covers, and more');
  });

  it('a check on a column that goes outside stays outside', async () => {
    const check = { checked: { name: 'checked', value: 'note <> 1' } };
    const base = snapshot('postgresql', { sql: '', tables: { users: ['id', 'name', 'note'] } }, 1);
    const tables = base['tables'] as Record<string, Record<string, unknown>>;
    const { text } = await draft([
      USERS,
      {
        sql: `ALTER TABLE users ADD COLUMN note text;
-- @operation one expand
ALTER TABLE users ADD CONSTRAINT checked CHECK (note <> 'x');`,
        tables: {},
        more: {
          tables: { 'public.users': { ...tables['public.users'], checkConstraints: check } },
        },
      },
    ]);
    expect(text).not.toContain('@operation');
    expect(text.indexOf('DROP CONSTRAINT "checked"')).toBeLessThan(text.indexOf('DROP COLUMN'));
  });
});

describe('what is refused', () => {
  const never: GenerateSql = () => Promise.reject(new Error('Drizzle Kit would have asked'));
  const named = (key: string, name: string, more = {}): Readonly<Record<string, unknown>> => ({
    [key]: { [`public.${name}`]: { name, schema: 'public', ...more } },
  });
  const policy = (name: string, on?: string) => ({
    name,
    ...{ as: 'PERMISSIVE', for: 'ALL', to: ['public'], ...(on !== undefined && { on }) },
  });

  const guarded = (name: string, sql: string): Step => ({
    ...{ sql, tables: {} },
    more: {
      tables: {
        'public.users': { name: 'users', schema: '', policies: { [name]: policy(name) } },
      },
    },
  });

  it.each<[string, Step, Step]>([
    [
      'a column',
      USERS,
      {
        sql: 'ALTER TABLE users RENAME COLUMN name TO full_name',
        tables: { users: ['id', 'full_name'] },
      },
    ],
    [
      'a table',
      USERS,
      { sql: 'ALTER TABLE users RENAME TO people', tables: { people: ['id', 'name'] } },
    ],
    [
      'an enum',
      { sql: 'SELECT 1', tables: {}, more: named('enums', 'a', { values: ['x'] }) },
      { sql: 'ALTER TYPE a RENAME TO b', tables: {}, more: named('enums', 'b', { values: ['x'] }) },
    ],
    [
      'a sequence',
      { sql: 'SELECT 1', tables: {}, more: named('sequences', 'a') },
      { sql: 'ALTER SEQUENCE a RENAME TO b', tables: {}, more: named('sequences', 'b') },
    ],
    [
      'a view',
      { sql: 'SELECT 1', tables: {}, more: named('views', 'a') },
      {
        sql: '-- @impact expand\nDROP VIEW a; CREATE VIEW b AS SELECT 1',
        tables: {},
        more: named('views', 'b'),
      },
    ],
    [
      'a schema',
      { sql: 'SELECT 1', tables: {}, more: { schemas: { a: 'a' } } },
      { sql: 'ALTER SCHEMA a RENAME TO b', tables: {}, more: { schemas: { b: 'b' } } },
    ],
    [
      'a role',
      { sql: 'SELECT 1', tables: {}, more: { roles: { a: { name: 'a' } } } },
      { sql: 'SELECT 1', tables: {}, more: { roles: { b: { name: 'b' } } } },
    ],
    [
      'a policy of a table that stays',
      guarded('own', 'SELECT 1'),
      guarded('mine', 'ALTER POLICY own ON users RENAME TO mine'),
    ],
    [
      'a policy on a table outside',
      { sql: 'SELECT 1', tables: {}, more: { policies: { a: policy('a', '"auth"."users"') } } },
      { sql: 'SELECT 1', tables: {}, more: { policies: { b: policy('b', '"auth"."other"') } } },
    ],
  ])(
    '%s that may be another under a new name, before Drizzle Kit asks',
    async (_, before, after) => {
      const error = await refusal(draft([before, after], 'postgresql', never));
      expect(error.code).toBe('DOWN_NOT_DRAFTED');
      expect(error.exitCode).toBe(7);
      expect(error.message).toContain('would lose');
      expect(error.remedy).toContain('drizzle/0001_step.down.sql by hand');
    },
  );

  it('the same on MySQL', async () => {
    const error = await refusal(
      draft(
        [
          USERS,
          { sql: 'ALTER TABLE users RENAME COLUMN name TO n', tables: { users: ['id', 'n'] } },
        ],
        'mysql',
        never,
      ),
    );
    expect(error.message).toContain('table users would lose column n and get back column name');
  });

  it('what Drizzle Kit 1.x would ask', async () => {
    const error = await refusal(
      draft([USERS, { ...USERS, sql: 'SELECT 1' }], 'postgresql', () =>
        Promise.resolve({ kind: 'questions', questions: ['column users.n is new'] }),
      ),
    );
    expect(error.code).toBe('DOWN_NOT_DRAFTED');
    expect(error.details['questions']).toEqual(['column users.n is new']);
  });

  it.each([
    ['a contract', 'ALTER TABLE users DROP COLUMN name;'],
    ['irreversible', '-- @irreversible the values are gone\nALTER TABLE users ADD COLUMN x int;'],
    [
      'the contract of an operation',
      '-- @operation one contract\nALTER TABLE users DROP COLUMN name;',
    ],
  ])('%s', async (_, sql) => {
    const error = await refusal(draft([USERS, { sql, tables: { users: ['id'] } }]));
    expect(error.code).toBe('DOWN_NOT_DRAFTED');
  });

  it('a first migration that drizzle-kit pull wrote', async () => {
    const error = await refusal(
      draft([{ sql: '/* CREATE TABLE users (id int); */', tables: { users: ['id'] } }]),
    );
    expect(error.code).toBe('DOWN_NOT_DRAFTED');
  });

  test.each<[string, readonly Step[]]>([
    ['there is no snapshot', [USERS, { sql: 'SELECT 1', tables: null }]],
    ['it was made from another', [USERS, { sql: 'SELECT 1', tables: {}, parent: 'id-7' }]],
    ['it says that it is the first', [USERS, { sql: 'SELECT 1', tables: {}, parent: ORIGIN }]],
    [
      'the one before is of another version',
      [USERS, { sql: 'SELECT 1', tables: {}, more: { version: '6' } }],
    ],
    [
      'it is of another dialect',
      [USERS, { sql: 'SELECT 1', tables: {}, more: { dialect: 'sqlite' } }],
    ],
    [
      'Drizzle Kit does not know its version',
      [
        { ...USERS, more: { version: '4' } },
        { sql: 'SELECT 1', tables: {}, more: { version: '4' } },
      ],
    ],
  ])('%s', async (_, steps) => {
    const error = await refusal(draft(steps));
    expect(error.code).toBe('SNAPSHOT_UNUSABLE');
    expect(error.exitCode).toBe(4);
  });

  it('a migration without a snapshot before it is no break', async () => {
    const { snapshots } = await draft([
      USERS,
      { sql: 'SELECT 1', tables: null },
      {
        sql: 'ALTER TABLE users ADD x text',
        tables: { users: ['id', 'name', 'x'] },
        parent: 'id-0',
      },
    ]);
    expect(snapshots.previous).toBe('drizzle/meta/0000_snapshot.json');
  });
});
