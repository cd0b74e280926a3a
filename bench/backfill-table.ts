import { writeJournal, type WrittenJournal } from '../test/journals/write-journal.js';
import type { DatabaseServer, TestDatabase } from '../test/servers/index.js';
import { type Report, runOnce } from './process.js';
import type { BenchServer } from './servers.js';

/** A large table whose rename is expanded: both triggers are there, and no row of old is filled. */
export interface BackfillTable {
  readonly database: TestDatabase;
  /** Goes through the rows by `up`. */
  fillByOurs(): Promise<Report>;
  drop(): Promise<void>;
}

/** The migrations of a rename up to its backfill. */
export function renameJournal(server: BenchServer, rows: number): Promise<WrittenJournal> {
  const postgres = server === 'Postgres 18';
  const numbers = postgres
    ? `select n, 'name of ' || n, repeat('x', 100), n % 1000 from generate_series(1, ${rows}) n`
    : `select n, concat('name of ', n), repeat('x', 100), n % 1000 from (${mysqlNumbers(rows)}) numbers`;
  const type = postgres ? 'text' : 'varchar(200)';
  return writeJournal(
    [
      {
        tag: '0000_init',
        sql: [
          `create table t (id bigint primary key, name ${type} not null, pad varchar(120), n int)`,
          `insert into t ${numbers}`,
          'create index t_n on t (n)',
        ].join('\n--> statement-breakpoint\n'),
      },
      {
        tag: '0001_expand',
        sql: `-- @operation full-name expand\nalter table t add column full_name ${type}`,
      },
      { tag: '0002_backfill', sql: '-- @operation full-name backfill\n' },
    ],
    { dialect: postgres ? 'postgresql' : 'mysql' },
  );
}

/**
 * Makes the table in a database of its own.
 *
 * @param upTo `0000_init` = without the triggers
 */
export async function backfillTable(
  server: DatabaseServer,
  journal: WrittenJournal,
  upTo: '0000_init' | '0001_expand' = '0001_expand',
): Promise<BackfillTable> {
  const { dialect } = server;
  const database = await server.createDatabase();
  const up = (to: string): Promise<Report> =>
    runOnce({ runner: 'backfill', dialect, url: database.url, folder: journal.folder, to });
  // The first run meets an empty database; what follows finds data.
  await up('0000_init');
  if (upTo === '0001_expand') await up('0001_expand');
  await database.query(dialect === 'postgresql' ? 'vacuum analyze t' : 'analyze table t');
  if (dialect === 'postgresql') await database.query('checkpoint');
  return {
    database,
    fillByOurs: () => up('0002_backfill'),
    drop: () => database.drop(),
  };
}

function mysqlNumbers(rows: number): string {
  const digits = Array.from({ length: 10 }, (_, digit) => `select ${digit} d`).join(' union all ');
  const places = Array.from({ length: String(rows).length }, (_, place) => place);
  const value = places.map((place) => `d${place}.d * ${10 ** place}`).join(' + ');
  const from = places.map((place) => `(${digits}) d${place}`).join(', ');
  return `select 1 + ${value} n from ${from} having n <= ${rows} order by n`;
}
