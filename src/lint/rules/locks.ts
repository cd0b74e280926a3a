import { heldLocks, type HeldLocks } from '../../statements/held-locks.js';
import { objectKey } from '../../statements/impact.js';
import type { ClassifiedStatement, LockTaken } from '../../statements/statement.js';
import {
  migrationRule,
  statementRule,
  type MigrationRemark,
  type MigrationRule,
  type MigrationSubject,
  type StatementRule,
  type StatementSubject,
} from '../rule.js';
import { byOnline } from '../safe-way.js';
import { nameOf } from '../wording.js';

/** Modes that keep writers, or readers too, out of a table. */
const STRONG: ReadonlySet<string> = new Set([
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
  'SHARED',
]);
const HEAVY: ReadonlySet<LockTaken['work']> = new Set(['scan', 'rewrite', 'index build', 'copy']);

/** Heavy work under a strong lock, in statements that no other rule looks at: VACUUM FULL, CLUSTER, REINDEX, REFRESH, SET LOGGED, ... */
const blockingWork: StatementRule = statementRule({
  id: 'blocking-work',
  tier: 'allow',
  about:
    'VACUUM FULL, CLUSTER, REINDEX, REFRESH, SET LOGGED, ATTACH PARTITION, OPTIMIZE, CONVERT, ...: long work under a strong lock',
  settledByOnline: true,
  check(subject) {
    const { statement, alter, dialect } = subject;
    if (alter !== null && !alter.changes.every(isUnread)) return null;
    if (alter === null && statement.is.category === 'ddl' && !isMaintenance(statement)) return null;
    const lock = statement.is.locks.find(
      ({ object, mode, work }) =>
        STRONG.has(mode) &&
        HEAVY.has(work) &&
        !subject.tableIsNew(object) &&
        !subject.isNew(object),
    );
    if (lock === undefined) return null;
    return {
      message: `${statement.head} works through ${nameOf(lock.object)} (${lock.work}) under ${lock.mode}: whoever needs it waits until that is over.`,
      safeWay:
        byOnline(subject) ??
        (statement.is.onlineForm === null ? null : `-- ${statement.is.onlineForm}`) ??
        (dialect === 'mysql'
          ? '-- a window, or an online schema change by gh-ost or spirit'
          : null),
    };
  },
});

function isUnread(change: NonNullable<StatementSubject['alter']>['changes'][number]): boolean {
  return change.kind === 'other' || change.kind === 'attach partition';
}

function isMaintenance({ head }: ClassifiedStatement): boolean {
  return /^(?:REINDEX|CLUSTER|VACUUM|REFRESH|OPTIMIZE)\b/.test(head);
}

const lockTable: StatementRule = statementRule({
  id: 'lock-table',
  tier: 'allow',
  about: 'LOCK TABLE, TRUNCATE, DETACH PARTITION: everybody waits to the end of the transaction',
  settledByOnline: false,
  check({ statement, alter, tableIsNew, server }) {
    const lock = statement.is.locks.find(
      ({ object, mode }) => STRONG.has(mode) && !tableIsNew(object),
    );
    if (lock === undefined) return null;
    const table = nameOf(lock.object);
    if (/^LOCK\b/.test(statement.head))
      return {
        message: `LOCK TABLE ${table} in ${lock.mode} keeps others out to the end of the transaction.`,
        safeWay: null,
      };
    if (statement.head.startsWith('TRUNCATE'))
      return {
        message: `TRUNCATE of ${table} takes all rows at once, under a lock that keeps everybody out.`,
        safeWay: null,
      };
    const detach = alter?.changes.find(({ kind }) => kind === 'detach partition');
    if (detach?.kind !== 'detach partition' || detach.concurrently) return null;
    // Source: PostgreSQL 14 release notes.
    if (server !== null && server.versionNumber < 140_000) return null;
    return {
      message: `DETACH PARTITION of ${table} keeps everybody out of the whole partitioned table.`,
      safeWay: `${statement.sql.trim()} CONCURRENTLY;`,
    };
  },
});

const SETTINGS =
  /\b(?:lock_timeout|statement_timeout|lock_wait_timeout|innodb_lock_wait_timeout)\b/i;

const timeoutChanged: StatementRule = statementRule({
  id: 'timeout-changed',
  tier: 'warning',
  about:
    'SET lock_timeout, statement_timeout, lock_wait_timeout: overrides what the runner sets and retries by',
  settledByOnline: false,
  check({ statement }) {
    if (statement.is.category !== 'setting' || !SETTINGS.test(statement.sql)) return null;
    return {
      message:
        'A time-out is set by hand. The runner sets a short lock time-out before each statement and tries again when it is reached; a longer one lets everybody else wait as long.',
      safeWay:
        '-- at the top of the file, instead of SET:\n-- @lock-timeout 2s\n-- @statement-timeout 10min',
    };
  },
});

/**
 * What a transaction holds while it goes on. Left out are tables that nobody uses yet, a few rows that are inserted, and a statement
 * that another rule stops at anyway, where nothing but its own table is held.
 */
function heldIn(
  transaction: readonly ClassifiedStatement[],
  { tableIsNew, stoppedAt }: MigrationSubject,
): readonly HeldLocks[] {
  return heldLocks(transaction).flatMap((entry): readonly HeldLocks[] => {
    const at = transaction.find(({ index }) => index === entry.statement);
    const held = entry.held.filter(({ object }) => !tableIsNew(object));
    if (at === undefined || held.length === 0) return [];
    const { locks, touches } = at.is;
    const own = new Set(locks.map(({ object }) => objectKey(object)));
    if (stoppedAt.has(at.index) && held.every(({ object }) => own.has(objectKey(object))))
      return [];
    if (entry.during === 'rows') return insertsValues(at) ? [] : [{ ...entry, held }];
    if (entry.during === 'unknown') return [{ ...entry, held }];
    if (locks.every(({ object }) => tableIsNew(object))) return [];
    // The scan or build is of a new table; only the lock on another one, such as of a foreign key, has to be waited for.
    const works = entry.during !== 'wait' && !(touches.length > 0 && touches.every(tableIsNew));
    return [{ ...entry, held, during: works ? entry.during : 'wait' }];
  });
}

/** `INSERT ... VALUES`: as many rows as stand in the file. */
function insertsValues({ head, sql }: ClassifiedStatement): boolean {
  return head.startsWith('INSERT') && !/\bselect\b/i.test(sql);
}

function heldRemarks(
  subject: MigrationSubject,
  wanted: (held: HeldLocks) => boolean,
  message: (held: HeldLocks, tables: string, more: number) => string,
): readonly MigrationRemark[] {
  return subject.transactions.flatMap((transaction) => {
    const found = heldIn(transaction, subject).filter(wanted);
    const [first] = found;
    if (first === undefined) return [];
    const statement = transaction.find(({ index }) => index === first.statement) ?? null;
    const tables = [...new Set(first.held.map(({ object }) => nameOf(object)))].join(', ');
    return [
      {
        statement,
        message: message(first, tables, found.length - 1),
        safeWay:
          '-- each statement in a transaction of its own; or the long one in a migration of its own:\n-- @transaction off',
      },
    ];
  });
}

const heldDuringWork: MigrationRule = migrationRule({
  id: 'lock-held-during-work',
  tier: 'allow',
  about:
    'A lock of an earlier statement is held while a later one of the same transaction scans, builds, writes rows or runs code',
  check: (subject) =>
    heldRemarks(
      subject,
      ({ during }) => during !== 'wait',
      ({ during, held }, tables, more) =>
        `While this statement works (${during === 'unknown' ? 'stored code' : during}), ${tables} stay${held.length === 1 ? 's' : ''} locked by an earlier one of the same transaction, and no time-out counts that.${andMore(more)}`,
    ),
});

const heldWhileWaiting: MigrationRule = migrationRule({
  id: 'lock-held-while-waiting',
  tier: 'warning',
  about:
    'A lock of an earlier statement is held while a later one of the same transaction waits for another table',
  check: (subject) =>
    heldRemarks(
      subject,
      ({ during }) => during === 'wait',
      (_, tables, more) =>
        `While this statement waits for its lock, everybody waits for ${tables} as well, which an earlier one of the same transaction has locked.${andMore(more)}`,
    ),
});

function andMore(more: number): string {
  return more === 0 ? '' : ` So do ${more} more below it.`;
}

/** Rules about locks beyond those of columns, constraints and indexes. */
export const LOCK_RULES: readonly (StatementRule | MigrationRule)[] = [
  blockingWork,
  lockTable,
  timeoutChanged,
  heldDuringWork,
  heldWhileWaiting,
];
