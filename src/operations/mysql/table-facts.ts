import { StatementError } from '../../database/database.js';
import type { Session } from '../../database/database.js';
import { isOn } from '../../database/mysql/server-info.js';
import type { TableName } from '../operation.js';
import { NOTHING_READ } from '../nothing-read.js';
import type { CheckFacts, IndexFacts, MysqlFacts, TableFacts } from '../table-facts.js';
import { groupBy } from './group-by.js';
import { indexDefinitions } from './column-definition.js';
import { type Place, showCreateTable } from './place.js';
import { readColumns } from './read-columns.js';
import { readForeignKeys } from './read-foreign-keys.js';
import { readTriggers } from './read-triggers.js';
import { namedColumns, readDependents } from './read-dependents.js';
import { readMissingPrivileges } from './read-privileges.js';

/**
 * Reads what recipes ask of a table on MySQL and MariaDB. Sends only SELECT and SHOW, in which server and table are not changed;
 * what this login may not see is missing, and the rights that it lacks for operations are named.
 * @throws {StatementError} `lock-timeout` while another session changes the table
 */
export async function readMysqlFacts(session: Session, table: TableName): Promise<TableFacts> {
  const place: Place = { schema: table.schema ?? session.server.database, name: table.name };
  const found = await readTable(session, place);
  if (found === null || found.kind === 'view') return withoutColumns(session, table, found);
  const createTable = await showCreateTable(session, place);
  const columns = await readColumns(session, place, createTable, found.collation);
  const names = columns.map(({ name }) => name);
  return {
    dialect: 'mysql',
    flavour: session.server.flavour,
    versionNumber: session.server.versionNumber,
    table,
    kind: found.kind,
    estimatedRows: found.rows,
    bytes: found.bytes,
    columns: columns.map(({ facts }) => facts),
    indexes: await readIndexes(session, place),
    checks: await readChecks(session, place, names),
    foreignKeys: await readForeignKeys(session, place, table.schema),
    triggers: await readTriggers(session, place, names),
    dependents: await readDependents(session, place, columns),
    functions: [],
    subscriber: false,
    missingPrivileges: await readMissingPrivileges(session, place),
    rowVersions: await readRowVersions(session, place),
    engine: found.engine,
    mysql: {
      ...(await readMysql(session, place)),
      tableCollation: found.collation,
      indexes: indexDefinitions(createTable),
    },
  };
}

interface FoundTable {
  readonly kind: 'table' | 'partitioned' | 'view';
  readonly engine: string | null;
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly collation: string | null;
}

function withoutColumns(session: Session, table: TableName, found: FoundTable | null): TableFacts {
  return {
    dialect: 'mysql',
    flavour: session.server.flavour,
    versionNumber: session.server.versionNumber,
    table,
    kind: found?.kind ?? 'missing',
    ...NOTHING_READ,
    mysql: null,
  };
}

async function readTable(session: Session, { schema, name }: Place): Promise<FoundTable | null> {
  const [row] = await session.query<{
    kind: string;
    engine: string | null;
    rows_now: string | null;
    bytes: string | null;
    collation: string | null;
    options: string | null;
  }>(
    `SELECT table_type AS kind, engine AS engine, CAST(table_rows AS CHAR) AS rows_now,
       CAST(data_length + index_length AS CHAR) AS bytes, table_collation AS collation, create_options AS options
     FROM information_schema.tables WHERE table_schema = ? AND table_name = ?`,
    [schema, name],
  );
  if (row === undefined) return null;
  const partitioned = row.options?.includes('partitioned') === true;
  return {
    kind: row.kind.includes('VIEW') ? 'view' : partitioned ? 'partitioned' : 'table',
    engine: row.engine,
    rows: row.rows_now === null ? null : Number(row.rows_now),
    bytes: row.bytes === null ? null : Number(row.bytes),
    collation: row.collation,
  };
}

async function readIndexes(session: Session, { schema, name }: Place): Promise<IndexFacts[]> {
  const rows = await session.query<{
    name: string;
    col: string | null;
    non_unique: string;
    prefix: string | null;
    hidden: string;
  }>(
    `SELECT index_name AS name, column_name AS col, CAST(non_unique AS CHAR) AS non_unique, CAST(sub_part AS CHAR) AS prefix, ${hidden(session.server)} AS hidden
     FROM information_schema.statistics WHERE table_schema = ? AND table_name = ? ORDER BY index_name, seq_in_index`,
    [schema, name],
  );
  return [...groupBy(rows, (row) => row.name)].map(([index, parts]) => {
    const unique = parts[0]?.non_unique === '0';
    return {
      name: index,
      columns: parts.map(({ col }) => col),
      unique,
      primary: index === 'PRIMARY',
      valid: true,
      // A key over the beginning of a column tells rows apart no better than an expression does, and no query may go by one that is hidden from it.
      partial: parts.some(
        ({ col, prefix, hidden: is }) => col === null || prefix !== null || is === '1',
      ),
      constraint: unique ? index : null,
    };
  });
}

/** Whether the optimizer may not use an index. MariaDB knows it from 10.6 on. */
function hidden({ flavour, versionNumber }: Session['server']): string {
  if (flavour !== 'mariadb') return `IF(is_visible = 'NO', '1', '0')`;
  return versionNumber >= 100_600 ? `IF(ignored = 'YES', '1', '0')` : `'0'`;
}

async function readChecks(
  session: Session,
  { schema, name }: Place,
  columns: readonly string[],
): Promise<CheckFacts[]> {
  const rows = await session.query<{ name: string; clause: string; enforced: string }>(
    session.server.flavour === 'mariadb'
      ? `SELECT constraint_name AS name, check_clause AS clause, 'YES' AS enforced
         FROM information_schema.check_constraints WHERE constraint_schema = ? AND table_name = ? ORDER BY 1`
      : `SELECT c.constraint_name AS name, c.check_clause AS clause, t.enforced AS enforced
         FROM information_schema.table_constraints t
         JOIN information_schema.check_constraints c
           ON c.constraint_schema = t.constraint_schema AND c.constraint_name = t.constraint_name
         WHERE t.table_schema = ? AND t.table_name = ? AND t.constraint_type = 'CHECK' ORDER BY 1`,
    [schema, name],
  );
  return rows.map((row) => ({
    name: row.name,
    columns: namedColumns(row.clause, columns),
    expression: row.clause,
    validated: row.enforced === 'YES',
  }));
}

/**
 * INSTANT additions and removals that the table has been through, and how many the server counts to: 64 from 8.0.29, 255 from 9.1.
 * Readable with PROCESS only. Source: MySQL manual, Online DDL Operations; 255 measured on 9.7.4.
 */
async function readRowVersions(
  session: Session,
  { schema, name }: Place,
): Promise<TableFacts['rowVersions']> {
  const { flavour, versionNumber } = session.server;
  if (flavour !== 'mysql' || versionNumber < 80_029) return null;
  const encoded = `${fileName(schema)}/${fileName(name)}`;
  try {
    const [row] = await session.query<{ used: string | null }>(
      `SELECT CAST(max(total_row_versions) AS CHAR) AS used FROM information_schema.innodb_tables
       WHERE name = ? OR substring_index(name, '#p#', 1) = ?`,
      [encoded, encoded],
    );
    if (row?.used === null || row?.used === undefined) return null;
    return { used: Number(row.used), limit: versionNumber >= 90_100 ? 255 : 64 };
  } catch (error) {
    if (error instanceof StatementError && error.kind === 'privilege') return null;
    throw error;
  }
}

/** A name as InnoDB's dictionary has it. Source: MySQL manual, Mapping of Identifiers to File Names. */
function fileName(name: string): string {
  return name.replace(/[^\p{L}\p{N}_]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `@${code.toString(16).padStart(4, '0')}`;
  });
}

async function readMysql(
  session: Session,
  { schema, name }: Place,
): Promise<Omit<MysqlFacts, 'tableCollation' | 'indexes'>> {
  const [row] = await session.query<{ mode: string; log_bin: string; format: string }>(
    'SELECT @@SESSION.sql_mode AS mode, CAST(@@GLOBAL.log_bin AS CHAR) AS log_bin, @@SESSION.binlog_format AS format',
  );
  const shadows = [
    `_${name}_gho`,
    `_${name}_ghc`,
    `_${name}_new`,
    `_${name}_chkpnt`,
    `__${name}_new`,
  ];
  const tables = await session.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = ? AND table_name IN (?, ?, ?, ?, ?)`,
    [schema, ...shadows],
  );
  return {
    strict: /STRICT_(TRANS|ALL)_TABLES/.test(row?.mode ?? ''),
    binlogFormat: isOn(row?.log_bin) ? (row?.format as MysqlFacts['binlogFormat']) : null,
    shadowTables: tables.map((table) => table.name),
  };
}
