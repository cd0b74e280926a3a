import type { ObjectNames } from '../object-names.js';
import type { Blocker } from '../operation-action.js';
import type { TableFacts } from '../table-facts.js';
import { keyOf } from '../table-key.js';
import { TRUSTED_CREATOR } from './read-privileges.js';
import { isOurTrigger } from './sql.js';

/** Refuses. */
export function error(code: string, message: string, remedy: string): Blocker {
  return { code, message, remedy, severity: 'error' };
}

/** Says, and goes on. */
export function warning(code: string, message: string, remedy: string): Blocker {
  return { code, message, remedy, severity: 'warning' };
}

/** What an operation needs of table, server and login. */
export interface Needs {
  /** Rows are gone through. */
  readonly rows: boolean;
  /** Triggers of ours stand on the table for a while. */
  readonly triggers: boolean;
  /** LOCK TABLES is used. */
  readonly tableLock: boolean;
  /** Instant additions and removals of columns until the operation is done. */
  readonly rowVersions: number;
  readonly privileges?: readonly string[];
}

/** What speaks against any operation on this table, in the order in which it is best mended. Pure. */
export function tableBlockers(facts: TableFacts, names: ObjectNames, needs: Needs): Blocker[] {
  const table = facts.table.name;
  if (facts.kind === 'missing') {
    return [error('no-table', `There is no table ${table}.`, 'Check the name in the definition.')];
  }
  if (facts.kind === 'view') {
    return [error('not-a-table', `${table} is a view.`, 'Name the table behind it.')];
  }
  return [
    ...engineBlockers(facts),
    ...(needs.rows ? keyBlockers(facts) : []),
    ...privilegeBlockers(facts, needs),
    ...(needs.triggers ? triggerBlockers(facts, names) : []),
    ...rowVersionBlockers(facts, needs.rowVersions),
    ...modeBlockers(facts),
  ];
}

function engineBlockers({ engine, table }: TableFacts): Blocker[] {
  if (engine === null || engine.toLowerCase() === 'innodb') return [];
  return [
    error(
      'engine',
      `${table.name} is kept by ${engine}, which has neither transactions nor instant DDL.`,
      `Move it to InnoDB in a window: ALTER TABLE ${table.name} ENGINE = InnoDB.`,
    ),
  ];
}

function keyBlockers(facts: TableFacts): Blocker[] {
  if (keyOf(facts) !== null) return [];
  return [
    error(
      'no-key',
      `${facts.table.name} has neither a primary key nor a unique key of NOT NULL columns, by which its rows could be gone through.`,
      'Add a primary key first.',
    ),
  ];
}

function privilegeBlockers(facts: TableFacts, needs: Needs): Blocker[] {
  const needed = new Set([
    'SELECT',
    'ALTER',
    ...(needs.rows ? ['UPDATE'] : []),
    ...(needs.triggers ? ['TRIGGER', TRUSTED_CREATOR] : []),
    ...(needs.tableLock ? ['LOCK TABLES'] : []),
    ...(needs.privileges ?? []),
  ]);
  const missing = facts.missingPrivileges.filter((privilege) => needed.has(privilege));
  if (missing.length === 0) return [];
  return [
    error(
      'missing-privilege',
      `The migration login lacks on ${facts.table.name}: ${missing.join(', ')}.`,
      missing.includes(TRUSTED_CREATOR)
        ? 'GRANT what is missing; creating triggers needs SET GLOBAL log_bin_trust_function_creators = 1 (a parameter group in the cloud).'
        : `GRANT ${missing.join(', ')} to it.`,
    ),
  ];
}

function triggerBlockers(facts: TableFacts, names: ObjectNames): Blocker[] {
  const table = facts.table.name;
  const tools = [
    ...facts.triggers.map(({ name }) => name).filter((name) => /^pt_osc_/i.test(name)),
    ...(facts.mysql?.shadowTables ?? []),
  ];
  const others = facts.triggers
    .map(({ name }) => name)
    .filter((name) => isOurTrigger(name) && !name.startsWith(`zzz_${names.prefix}_`));
  const overtaking = [names.beforeInsert, names.beforeUpdate].flatMap((own) =>
    followers(facts, own),
  );
  return [
    ...(tools.length === 0
      ? []
      : [
          error(
            'online-schema-change-tool',
            `An online schema change of another tool works on ${table}: ${tools.join(', ')}.`,
            'Let it end, or clean up what it left, and run again.',
          ),
        ]),
    ...(overtaking.length === 0
      ? []
      : [
          error(
            'trigger-order',
            `Triggers of ${table} run behind ours and may change a row after it: ${overtaking.join(', ')}.`,
            'Recreate them with PRECEDES, before the trigger of this operation.',
          ),
        ]),
    ...(others.length === 0
      ? []
      : [
          warning(
            'other-operation',
            `Another operation has triggers on ${table}: ${others.join(', ')}.`,
            'Its columns are not those of this one; writes pass through both.',
          ),
        ]),
    ...(facts.mysql?.binlogFormat === 'STATEMENT'
      ? [
          error(
            'statement-binlog',
            'The binary log is written by statement: a replica would run triggers and chunks again, on rows of its own.',
            'SET GLOBAL binlog_format = ROW, and connect anew.',
          ),
        ]
      : []),
  ];
}

/** BEFORE triggers of the same event behind one of ours, except for those of other operations. */
function followers(facts: TableFacts, own: string): string[] {
  const ours = facts.triggers.find(({ name }) => name === own);
  if (ours === undefined) return [];
  const queue = facts.triggers.filter(
    ({ timing, events }) => timing === 'before' && events[0] === ours.events[0],
  );
  return queue
    .slice(queue.indexOf(ours) + 1)
    .map(({ name }) => name)
    .filter((name) => !isOurTrigger(name));
}

function rowVersionBlockers({ rowVersions, table }: TableFacts, needed: number): Blocker[] {
  if (rowVersions === null || rowVersions.used + needed <= rowVersions.limit) return [];
  return [
    error(
      'row-versions',
      `${table.name} has been through ${rowVersions.used} of ${rowVersions.limit} instant changes of its columns, and this needs ${needed}.`,
      `Rebuild it, which takes no lock: ALTER TABLE ${table.name} ENGINE = InnoDB, ALGORITHM=INPLACE, LOCK=NONE.`,
    ),
  ];
}

function modeBlockers({ mysql }: TableFacts): Blocker[] {
  if (mysql === null || mysql === undefined || mysql.strict) return [];
  return [
    error(
      'sql-mode',
      'sql_mode is not strict: what does not fit would become something else in silence.',
      "SET GLOBAL sql_mode = concat(@@GLOBAL.sql_mode, ',STRICT_TRANS_TABLES'), or in the connection URL of the migrations.",
    ),
  ];
}

/** Views and routines whose text names the column. */
export function mentionWarnings(facts: TableFacts, column: string): Blocker[] {
  const lower = column.toLowerCase();
  return facts.dependents
    .filter(
      ({ certain, columns }) => !certain && columns.some((each) => each.toLowerCase() === lower),
    )
    .map(({ kind, name }) =>
      warning(
        kind,
        `${kind === 'view' ? `View ${name}` : name} seems to name ${column}; it would fail once the column is gone.`,
        'Look at it, and change it before the contract.',
      ),
    );
}

/** Triggers of others on this table that name the column: every write fails with 1054 once it is gone (measured). */
export function namingTriggers(facts: TableFacts, column: string): Blocker[] {
  const naming = facts.triggers.filter(
    ({ name, columns }) =>
      !isOurTrigger(name) && columns?.some((each) => each.toLowerCase() === column.toLowerCase()),
  );
  return naming.map(({ name }) => ({
    ...error(
      'trigger',
      `Trigger ${name} names column ${column}: without the column every write would fail.`,
      `Drop it, or recreate it without ${column}, before the contract.`,
    ),
    phase: 'contract',
  }));
}
