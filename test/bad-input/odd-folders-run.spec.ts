import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMigrator, type RunEvent, type UpResult } from '../../src/index.js';
import { dumpRows, dumpSchema } from '../journals/schema-dump.js';
import { stockMigrate } from '../journals/stock.js';
import {
  type JournalMigration,
  type WrittenJournal,
  writeJournal,
} from '../journals/write-journal.js';
import { kinds, servers, type TestDatabase } from '../servers/index.js';

const MARKER = '--> statement-breakpoint';
const TABLE = 'CREATE TABLE t (id integer PRIMARY KEY, note varchar(200))';
const LITERAL = "INSERT INTO t VALUES (1, 'a\n-- @nonsense\n/* b'), (2, '--> nothing')";

/** What stock `migrate()` runs as well, however odd. */
const ODD: Readonly<Record<'postgresql' | 'mysql', readonly JournalMigration[]>> = {
  postgresql: [
    { tag: '0000_table', sql: TABLE, down: 'DROP TABLE t' },
    { tag: '0001_literal', sql: LITERAL },
    {
      tag: '0002_windows',
      sql: `ALTER TABLE t ADD COLUMN a int;\r\n${MARKER}\r\nUPDATE t SET note = 'line\r\nend';\r\n`,
    },
    {
      tag: '0003_many_in_one_chunk',
      sql: `;;\nALTER TABLE t ADD COLUMN b int; CREATE INDEX t_b ON t (b);\n;\nINSERT INTO t (id) VALUES (3);\n${MARKER}\n\n${MARKER}\n`,
    },
    {
      tag: '0004_documented',
      sql: "-- like @param, but prose\nDO $doc$\n-- @param none\nBEGIN UPDATE t SET note = ';'; END $doc$;",
    },
    { tag: '0005_custom_left_empty', sql: '-- Custom SQL migration file, put your code below! --' },
  ],
  mysql: [
    { tag: '0000_table', sql: TABLE, down: 'DROP TABLE t' },
    { tag: '0001_literal', sql: LITERAL },
    {
      tag: '0002_windows',
      sql: `ALTER TABLE t ADD COLUMN a int;\r\n${MARKER}\r\nUPDATE t SET note = 'line\r\nend';\r\n`,
    },
    {
      tag: '0003_documented',
      sql: `CREATE TRIGGER t_bi BEFORE INSERT ON t FOR EACH ROW BEGIN\n  -- @param none; of this trigger\n  SET NEW.note = ';';\nEND;\n${MARKER}\nINSERT INTO t (id) VALUES (4);`,
    },
  ],
};

/** What stock cannot run, or runs otherwise: each has a word said about it, and no more. */
const REMARKED: Readonly<Record<'postgresql' | 'mysql', readonly JournalMigration[]>> = {
  postgresql: [
    { tag: '0000_pulled', sql: `/*\nCREATE TABLE pulled (id int);\n${MARKER}\n*/` },
    { tag: '0001_table', sql: `\uFEFF${TABLE}` },
    { tag: '0002_marker', sql: `INSERT INTO t VALUES (1, '${MARKER}')` },
    { tag: '0003_commit', sql: 'INSERT INTO t VALUES (2);\nCOMMIT;\nINSERT INTO t VALUES (3)' },
    {
      tag: '0004_concurrently',
      sql: 'ALTER TABLE t ADD COLUMN a int;\nCREATE INDEX CONCURRENTLY t_a ON t (a);',
    },
    {
      tag: '0005_enum',
      sql: "CREATE TYPE mood AS ENUM ('sad');COMMIT;ALTER TYPE mood ADD VALUE 'ok';\nSELECT 'ok'::mood",
    },
  ],
  mysql: [
    { tag: '0000_pulled', sql: `/*\nCREATE TABLE pulled (id int);\n${MARKER}\n*/` },
    { tag: '0001_table', sql: `\uFEFF${TABLE}` },
    { tag: '0002_marker', sql: `INSERT INTO t VALUES (1, '${MARKER}')` },
    { tag: '0003_two', sql: 'ALTER TABLE t ADD COLUMN a int;\nALTER TABLE t ADD COLUMN b int;' },
  ],
};

describe.each(kinds)('on $name, an odd folder', ({ server, dialect }) => {
  const created: TestDatabase[] = [];
  const journals: WrittenJournal[] = [];
  const fresh = async (): Promise<TestDatabase> => {
    const database = await (await servers[server]()).createDatabase();
    created.push(database);
    return database;
  };
  const write = async (
    migrations: readonly JournalMigration[],
    layout: 'journal' | 'folder',
  ): Promise<string> => {
    const journal = await writeJournal(migrations, { dialect, layout });
    journals.push(journal);
    return journal.folder;
  };
  const up = async (
    database: TestDatabase,
    migrations: string,
  ): Promise<UpResult & { readonly warned: readonly string[] }> => {
    const events: RunEvent[] = [];
    const migrator = createMigrator({
      database: { dialect, url: database.url },
      migrations,
      listeners: [(event) => events.push(event)],
    });
    try {
      const result = await migrator.up();
      const warned = events.flatMap((event) =>
        event.type === 'run.warning' ? [event.finding.code] : [],
      );
      return { ...result, warned };
    } finally {
      await migrator.close();
    }
  };
  afterAll(async () => {
    await Promise.all(created.map((database) => database.drop()));
    await Promise.all(journals.map((journal) => journal.remove()));
  });

  it.each(['journal', 'folder'] as const)(
    'runs as under stock (%s layout), and an orphan file is all that is warned of',
    async (layout) => {
      const line = layout === 'journal' ? '0.45' : 'rc';
      const folder = await write(ODD[dialect], layout);
      await writeFile(join(folder, '0130_abandoned.sql'), 'SELECT nobody runs this');
      const [ours, theirs] = await Promise.all([fresh(), fresh()]);
      await stockMigrate(theirs.url, folder, line);

      const result = await up(ours, folder);
      expect(result.applied).toHaveLength(ODD[dialect].length);
      expect(result.findings).toMatchObject([
        { code: 'orphan-file', severity: 'warning', file: join(folder, '0130_abandoned.sql') },
      ]);
      expect(result.warned).toEqual(['orphan-file']);
      expect(await dumpSchema(ours.url)).toBe(await dumpSchema(theirs.url));
      expect(await dumpRows(ours.url)).toBe(await dumpRows(theirs.url));

      await stockMigrate(ours.url, folder, line);
      expect(await dumpRows(ours.url)).toBe(await dumpRows(theirs.url));
      expect((await up(theirs, folder)).applied).toEqual([]);
    },
  );

  it('has a word said about what stock does otherwise', async () => {
    const folder = await write(REMARKED[dialect], 'journal');
    const result = await up(await fresh(), folder);
    expect(result.applied).toHaveLength(REMARKED[dialect].length);
    expect(
      result.findings.map(({ code, severity, tag, line }) => [code, severity, tag, line]),
    ).toEqual(
      dialect === 'postgresql'
        ? [
            ['baseline-only', 'warning', '0000_pulled', undefined],
            ['marker-in-text', 'warning', '0002_marker', 1],
            ['embedded-commit', 'warning', '0003_commit', 2],
            ['not-atomic', 'warning', '0004_concurrently', 2],
            ['embedded-commit', 'warning', '0005_enum', 1],
            ['enum-value-used', 'warning', '0005_enum', 1],
          ]
        : [
            ['baseline-only', 'warning', '0000_pulled', undefined],
            ['marker-in-text', 'warning', '0002_marker', 1],
            ['several-ddl', 'info', '0003_two', 2],
          ],
    );
  });
});
