import { StatementError } from '../../database/database.js';
import type { Session } from '../../database/database.js';
import type { TableName } from '../operation.js';
import type {
  CheckFacts,
  ForeignKeyFacts,
  IndexFacts,
  MysqlFacts,
  TableFacts,
  TriggerFacts,
} from '../table-facts.js';
import { bodyDigest } from './body-digest.js';
import { indexDefinitions } from './column-definition.js';
import { type Place, showCreateTable } from './place.js';
import { readColumns } from './read-columns.js';
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
  const columns = await readColumns(session, place, found.collation);
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
    mysql: await readMysql(session, place, found.collation),
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
    estimatedRows: null,
    bytes: null,
    columns: [],
    indexes: [],
    checks: [],
    foreignKeys: [],
    triggers: [],
    dependents: [],
    functions: [],
    subscriber: false,
    missingPrivileges: [],
    rowVersions: null,
    engine: null,
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
  }>(
    `SELECT index_name AS name, column_name AS col, CAST(non_unique AS CHAR) AS non_unique, CAST(sub_part AS CHAR) AS prefix
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
      // A key over the beginning of a column tells rows apart no better than an expression does.
      partial: parts.some(({ col, prefix }) => col === null || prefix !== null),
      constraint: unique ? index : null,
    };
  });
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

async function readForeignKeys(
  session: Session,
  { schema, name }: Place,
  given: string | null,
): Promise<ForeignKeyFacts[]> {
  const rows = await session.query<{
    name: string;
    in_schema: string;
    in_table: string;
    col: string;
    other_schema: string;
    other_table: string;
    other_col: string;
    on_delete: string;
    on_update: string;
  }>(
    `SELECT k.constraint_name AS name, k.table_schema AS in_schema, k.table_name AS in_table, k.column_name AS col,
       k.referenced_table_schema AS other_schema, k.referenced_table_name AS other_table, k.referenced_column_name AS other_col,
       r.delete_rule AS on_delete, r.update_rule AS on_update
     FROM information_schema.key_column_usage k
     JOIN information_schema.referential_constraints r
       ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
     WHERE k.referenced_table_name IS NOT NULL
       AND ((k.table_schema = ? AND k.table_name = ?) OR (k.referenced_table_schema = ? AND k.referenced_table_name = ?))
     ORDER BY k.table_schema, k.table_name, k.constraint_name, k.ordinal_position`,
    [schema, name, schema, name],
  );
  const tableName = (of: string, table: string): TableName => ({
    schema: of === schema ? given : of,
    name: table,
  });
  const groups = groupBy(rows, (row) => JSON.stringify([row.in_schema, row.in_table, row.name]));
  return [...groups.values()].flatMap((parts) => {
    const [first] = parts;
    if (first === undefined) return [];
    const own = parts.map(({ col }) => col);
    const other = parts.map(({ other_col: column }) => column);
    const common = {
      name: first.name,
      onDelete: first.on_delete.toLowerCase(),
      onUpdate: first.on_update.toLowerCase(),
      validated: true,
    };
    const out: ForeignKeyFacts = {
      ...common,
      direction: 'out',
      columns: own,
      other: { table: tableName(first.other_schema, first.other_table), columns: other },
    };
    const into: ForeignKeyFacts = {
      ...common,
      direction: 'in',
      columns: other,
      other: { table: tableName(first.in_schema, first.in_table), columns: own },
    };
    // A table that refers to itself has both.
    const isOut = first.in_schema === schema && first.in_table === name;
    const isIn = first.other_schema === schema && first.other_table === name;
    return [...(isOut ? [out] : []), ...(isIn ? [into] : [])];
  });
}

async function readTriggers(
  session: Session,
  { schema, name }: Place,
  columns: readonly string[],
): Promise<TriggerFacts[]> {
  const rows = await session.query<{
    name: string;
    timing: string;
    event: string;
    body: string;
  }>(
    `SELECT trigger_name AS name, action_timing AS timing, event_manipulation AS event, action_statement AS body
     FROM information_schema.triggers WHERE event_object_schema = ? AND event_object_table = ?
     ORDER BY event_manipulation, action_timing, action_order`,
    [schema, name],
  );
  return rows.map((row) => ({
    name: row.name,
    timing: row.timing === 'BEFORE' ? 'before' : 'after',
    events: [row.event.toLowerCase() as 'insert' | 'update' | 'delete'],
    perRow: true,
    enabled: true,
    function: null,
    bodyDigest: bodyDigest(row.body),
    columns: columnsOfRow(row.body, columns),
  }));
}

/** Columns that a trigger body names as NEW.x or OLD.x; names are compared as the servers compare them. */
function columnsOfRow(body: string, columns: readonly string[]): string[] {
  const named = new Set<string>();
  for (const [, ticked, plain] of body.matchAll(
    /\b(?:new|old)\s*\.\s*(?:`((?:[^`]|``)*)`|([\p{L}\p{N}_$]+))/giu,
  )) {
    named.add((ticked?.replaceAll('``', '`') ?? plain ?? '').toLowerCase());
  }
  return columns.filter((column) => named.has(column.toLowerCase()));
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
  tableCollation: string | null,
): Promise<MysqlFacts> {
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
    binlogFormat: row?.log_bin === '1' ? (row.format as MysqlFacts['binlogFormat']) : null,
    shadowTables: tables.map((table) => table.name),
    tableCollation,
    indexes: indexDefinitions(await showCreateTable(session, { schema, name })),
  };
}

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}
