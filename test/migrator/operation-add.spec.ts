import { afterEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renameColumn, tightenNotNull, type Operation } from '../../src/index.js';
import type { JournalMigration } from '../journals/write-journal.js';
import { stockMigrate } from '../journals/stock.js';
import { servers } from '../servers/index.js';
import { migratorWorld, type MigratorWorld } from './migrator-world.js';

const rename = renameColumn('full-name', { table: 'users', from: 'name', to: 'full_name' });
const INIT = {
  tag: '0000_init',
  sql: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(50) NOT NULL, mail varchar(50));',
};
const CUT = '--> statement-breakpoint\n';
const ADD = 'ALTER TABLE users ADD COLUMN full_name varchar(50);';
const DROP = 'ALTER TABLE users DROP COLUMN name;';
const OTHER = 'CREATE TABLE other (id int);';
const E = '-- @operation full-name expand\n';
const B = '-- @operation full-name backfill\n';
const V = '-- @operation full-name verify\n';
const C = '-- @operation full-name contract\n';

let world: MigratorWorld;
afterEach(() => world.close());

const read = (tag: string): string =>
  readFileSync(join(world.journal.folder, `${tag}.sql`), 'utf8');
async function begun(
  server: 'postgres18' | 'mysql',
  migrations: readonly JournalMigration[],
  operations: readonly Operation[] = [rename],
) {
  world = await migratorWorld(server, [INIT, ...migrations]);
  const migrator = world.migrator({ operations });
  await migrator.up({ to: '0000_init' });
  return migrator;
}

it.each([
  ['one statement', `${ADD}\n`, `${E}${ADD}\n${B}${V}`],
  ['a file without an end of its last line', ADD, `${E}${ADD}\n${B}${V.trimEnd()}`],
  ['comments above', `-- why\n${ADD}\n`, `-- why\n${E}${ADD}\n${B}${V}`],
  [
    'statements around it, which are taken out of what is covered',
    `${OTHER}${CUT}${ADD}${CUT}-- more\nDROP TABLE other;\n`,
    `${OTHER}${CUT}${E}${ADD}${CUT}${B}${V}-- more\n-- @online\nDROP TABLE other;\n`,
  ],
  [
    'a marker on a line of its own, and a statement over several lines',
    `${ADD.replace(' ADD', '\n  ADD')}\n${CUT}${OTHER}`,
    `${E}${ADD.replace(' ADD', '\n  ADD')}\n${CUT}${B}${V}-- @online\n${OTHER}`,
  ],
  [
    'rows that are written by hand',
    `${ADD}${CUT}UPDATE users SET full_name = name;\n`,
    `${E}${ADD}${CUT}${B}UPDATE users SET full_name = name;\n${V}`,
  ],
  [
    'Windows: a BOM and its line ends',
    `\uFEFF${ADD}\r\n-- end`,
    `\uFEFF${E}${ADD}\n${B}${V}`.replaceAll('\n', '\r\n') + '-- end',
  ],
  ['no statement at all, for a contract that renames', '-- custom\n', `-- custom\n${E}${B}${V}`],
])('writes the lines into %s', async (_, sql, expected) => {
  const migrator = await begun('postgres18', [{ tag: '0001_add', sql }]);
  const dry = await migrator.operations.add('full-name', { to: '0001_add', dryRun: true });
  expect(dry.written).toBe(false);
  expect(read('0001_add')).toBe(sql);

  const result = await migrator.operations.add('full-name', { to: '0001_add' });
  expect(read('0001_add')).toBe(expected);
  expect(result).toMatchObject({ written: true, lines: dry.lines });
  const lines = expected.replace('\uFEFF', '').split(/\r?\n/);
  for (const { line, text } of result.lines) expect(text).toBe(lines[line - 1]);

  expect(await migrator.operations.add('full-name', { to: '0001_add' })).toMatchObject({
    written: false,
    lines: [],
  });
  expect(read('0001_add')).toBe(expected);
});

describe.each(['postgres18', 'mysql'] as const)('on %s', (server) => {
  it('what it wrote is carried out, contract in a later migration', async () => {
    const migrator = await begun(server, [
      { tag: '0001_add', sql: `${ADD}\n` },
      { tag: '0002_drop', sql: `${DROP}\n` },
    ]);
    await world.database.query(`INSERT INTO users (id, name) VALUES (1, 'Ada')`);
    await migrator.operations.add('full-name', { to: '0001_add' });
    await migrator.operations.add('full-name', { to: '0002_drop' });
    expect(read('0002_drop')).toBe(`${C}${DROP}\n`);
    await migrator.up();
    expect(await world.database.query('SELECT * FROM users')).toEqual([
      { id: 1, mail: null, full_name: 'Ada' },
    ]);
    expect(await migrator.operations.list()).toMatchObject([{ name: 'full-name', state: 'done' }]);
    await expect(migrator.operations.add('full-name', { to: '0002_drop' })).rejects.toMatchObject({
      code: 'OPERATION_REFUSED',
      exitCode: 7,
    });
  });

  it('stock migrate() runs the files that it wrote', async () => {
    const files = [
      { tag: '0001_add', sql: `${ADD}${CUT}UPDATE users SET full_name = name;\n` },
      { tag: '0002_drop', sql: DROP },
      { tag: '0003_other', sql: OTHER },
    ];
    const migrator = await begun(server, files);
    await migrator.operations.add('full-name', { to: '0001_add' });
    await migrator.operations.add('full-name', { to: '0002_drop' });
    const fresh = await (await servers[server]()).createDatabase();
    try {
      await stockMigrate(fresh.url, world.journal.folder);
      expect(await fresh.query('SELECT * FROM other')).toEqual([]);
      expect(await fresh.query('SELECT full_name FROM users')).toEqual([]);
    } finally {
      await fresh.drop();
    }
  });

  it('a rule comes to force in one migration', async () => {
    const tighten = tightenNotNull('mail', {
      table: 'users',
      column: 'mail',
      repair: { mail: "'unknown'" },
    });
    const sql =
      server === 'mysql'
        ? 'ALTER TABLE users MODIFY COLUMN mail varchar(50) NOT NULL;\n'
        : 'ALTER TABLE users ALTER COLUMN mail SET NOT NULL;\n';
    const migrator = await begun(server, [{ tag: '0001_mail', sql }], [tighten]);
    await world.database.query(`INSERT INTO users (id, name) VALUES (1, 'Ada')`);
    await migrator.operations.add('mail', { to: '0001_mail' });
    expect(read('0001_mail')).toBe(
      ['expand', 'backfill', 'verify', 'contract']
        .map((phase) => `-- @operation mail ${phase}\n`)
        .join('') + sql,
    );
    await migrator.up();
    expect(await world.database.query('SELECT mail FROM users')).toEqual([{ mail: 'unknown' }]);
  });
});

describe('writes nothing', () => {
  it.each([
    ['into a contract that nothing prepares', `${DROP}\n`, 'OPERATION_REFUSED'],
    ['where both forms would never live together', `${ADD}${CUT}${DROP}\n`, 'OPERATION_REFUSED'],
    ['where no statement belongs to it', `${OTHER}\n`, 'OPERATION_MISMATCH'],
    ['between statements on one line', `${ADD} ${OTHER}\n`, 'OPERATION_REFUSED'],
    [
      'where another line would lose what it covers',
      `-- @operation mail verify\n${ADD}`,
      'OPERATION_REFUSED',
    ],
  ])('%s', async (_, sql, code) => {
    const tighten = tightenNotNull('mail', { table: 'users', column: 'mail' });
    const migrator = await begun('postgres18', [{ tag: '0001_add', sql }], [rename, tighten]);
    await expect(migrator.operations.add('full-name', { to: '0001_add' })).rejects.toMatchObject({
      code,
      state: expect.stringContaining('Nothing was'),
    });
    expect(read('0001_add')).toBe(sql);
  });

  it('for names that nobody knows', async () => {
    const migrator = await begun('postgres18', [{ tag: '0001_add', sql: ADD }]);
    await expect(migrator.operations.add('no-such', { to: '0001_add' })).rejects.toMatchObject({
      code: 'UNKNOWN_OPERATION',
    });
    await expect(migrator.operations.add('full-name', { to: '0009' })).rejects.toMatchObject({
      code: 'UNKNOWN_TAG',
    });
  });
});
