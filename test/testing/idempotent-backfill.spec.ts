import { afterEach, describe, expect, it } from '@jest/globals';
import { backfill, renameColumn, tightenNotNull, type Operation } from '../../src/index.js';
import { expectIdempotentBackfill, type Seed } from '../../src/testing/index.js';
import { firstDifference, type Rows } from '../../src/testing/backfill/rows-of.js';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { servers } from '../servers/index.js';

let journal: WrittenJournal;
afterEach(() => journal?.remove());

const INIT = {
  tag: '0000_init',
  sql: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(20), slug varchar(20), visits int NOT NULL);',
};
const seed: Seed = async ({ query }) => {
  await query(
    `INSERT INTO users VALUES (1, 'Ada', NULL, 1), (2, 'Grace', NULL, 2), (3, 'Joan', NULL, 3)`,
  );
};

const ROWS_ONLY = 'select 1;\n-- @operation rows backfill\n';

async function given(
  server: 'postgres18' | 'mysql',
  operation: Operation,
  lines: string = ROWS_ONLY,
  more: Partial<{ seed: Seed }> = {},
) {
  journal = await writeJournal([INIT, { tag: '0001_backfill', sql: lines }], {
    dialect: server === 'mysql' ? 'mysql' : 'postgresql',
  });
  const { url } = await servers[server]();
  return {
    url,
    migrations: journal.folder,
    operations: [operation],
    backfill: operation.name,
    seed,
    ...more,
  };
}

describe.each(['postgres18', 'mysql'] as const)('a backfill on %s', (server) => {
  it('that sets what is missing passes, stopped and gone through twice', async () => {
    const slugs = backfill('rows', {
      table: 'users',
      set: { slug: 'lower(name)' },
      where: 'slug is null',
    });
    expect(await expectIdempotentBackfill(await given(server, slugs))).toEqual({
      rows: 3,
      stoppedAfter: 1,
      twice: true,
    });
  });

  it('that counts up fails at the first row that differs', async () => {
    const visits = backfill('rows', { table: 'users', set: { visits: 'visits + 1' } });
    const options = await given(server, visits);
    await expect(expectIdempotentBackfill(options)).rejects.toMatchObject({
      code: 'ERR_ASSERTION',
      message: 'rows: gone through a second time, the row id = 1 differs in visits.',
    });
  });
});

describe('a backfill that is not the same twice', () => {
  it('passes where it relies on the cursor, and that is said', async () => {
    const visits = backfill('rows', { table: 'users', set: { visits: 'visits + 1' } });
    const options = await given('postgres18', visits);
    expect(await expectIdempotentBackfill({ ...options, twice: false })).toMatchObject({
      stoppedAfter: 1,
      twice: false,
    });
  });

  it('fails where its rows or seeds are never the same, and says which it is', async () => {
    let calls = 0;
    const counting = backfill('rows', {
      table: 'users',
      where: 'slug is null',
      rows: async (rows) => rows.map(() => ({ slug: `call ${(calls += 1)}` })),
    });
    await expect(
      expectIdempotentBackfill(await given('postgres18', counting)),
    ).rejects.toMatchObject({
      message: 'rows: stopped after 1 row(s) and gone on with, the row id = 1 differs in slug.',
    });
    await journal.remove();
    const other: Seed = ({ query }) =>
      query(`INSERT INTO users VALUES (1, 'Ada', NULL, ${(calls += 1)})`).then(() => undefined);
    await expect(
      expectIdempotentBackfill(await given('postgres18', counting, ROWS_ONLY, { seed: other })),
    ).rejects.toMatchObject({
      message: expect.stringMatching(
        /^rows: seed puts in other rows .* id = 1 differs in visits\.$/,
      ),
    });
  });
});

describe('operations of other kinds', () => {
  const run = async (operation: Operation, sql: string, rows: Seed = seed) => {
    journal = await writeJournal([INIT, { tag: '0001_operation', sql }]);
    const { url } = await servers.postgres18();
    const { name } = operation;
    return expectIdempotentBackfill({
      url,
      migrations: journal.folder,
      operations: [operation],
      backfill: name,
      seed: rows,
    });
  };

  it('a rename passes; a rule whose contract comes at once is stopped, and not gone through twice', async () => {
    const rename = renameColumn('full', { table: 'users', from: 'name', to: 'full_name' });
    expect(
      await run(
        rename,
        '-- @operation full expand\nALTER TABLE users ADD COLUMN full_name varchar(20);\n-- @operation full backfill\n-- @operation full verify\n',
      ),
    ).toEqual({ rows: 3, stoppedAfter: 1, twice: true });
    await journal.remove();
    const rule = tightenNotNull('slugs', {
      table: 'users',
      column: 'slug',
      repair: { slug: "'none'" },
    });
    expect(
      await run(
        rule,
        '-- @operation slugs expand\n-- @operation slugs backfill\n-- @operation slugs verify\n-- @operation slugs contract\nALTER TABLE users ALTER COLUMN slug SET NOT NULL;',
      ),
    ).toEqual({ rows: 3, stoppedAfter: 1, twice: false });
  });

  it('too few rows, an operation that is not registered, and one that nobody calls are refused', async () => {
    const slugs = backfill('rows', { table: 'users', set: { slug: 'lower(name)' } });
    const one: Seed = ({ query }) =>
      query(`INSERT INTO users VALUES (1, 'Ada', NULL, 1)`).then(() => undefined);
    await expect(run(slugs, ROWS_ONLY, one)).rejects.toMatchObject({
      message: expect.stringContaining('it was over before it could be stopped'),
    });
    await expect(run(slugs, 'select 1;')).rejects.toMatchObject({ code: 'USAGE' });
    await expect(
      expectIdempotentBackfill({
        url: 'postgresql://localhost/none',
        migrations: 'nowhere',
        operations: [],
        backfill: 'rows',
        seed,
      }),
    ).rejects.toMatchObject({ code: 'UNKNOWN_OPERATION' });
  });
});

it('a difference names the key and the columns, and no value', () => {
  const rows = (entries: readonly (readonly [string, Record<string, unknown>])[]): Rows => ({
    key: ['id'],
    rows: new Map(entries),
  });
  const one = rows([['1', { id: 1, a: 'secret', b: 2 }]]);
  expect(firstDifference(one, rows([['1', { id: 1, a: 'other', b: 2 }]]), [])).toBe(
    'the row id = 1 differs in a',
  );
  expect(firstDifference(one, rows([['1', { id: 1, a: 'other', b: 2 }]]), ['a'])).toBeNull();
  expect(firstDifference(one, rows([]), [])).toBe('the row id = 1 is gone');
  expect(firstDifference(rows([]), one, [])).toBe('the row id = 1 was not there');
});
