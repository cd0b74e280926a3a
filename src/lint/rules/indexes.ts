import { onlineForm } from '../../statements/online/online-form.js';
import type { ObjectName } from '../../statements/statement.js';
import { statementRule, type StatementRule, type StatementSubject } from '../rule.js';
import { byOnline } from '../safe-way.js';
import { nameOf } from '../wording.js';

/** The table that CREATE INDEX works on. */
function indexedTable({ statement }: StatementSubject): ObjectName | null {
  const [lock] = statement.is.locks;
  return lock?.work === 'index build' && lock.object.kind === 'table' ? lock.object : null;
}

const createIndex: StatementRule = statementRule({
  id: 'create-index',
  tier: 'allow',
  about:
    'CREATE INDEX without CONCURRENTLY (Postgres), FULLTEXT or SPATIAL (MySQL): writers wait for the whole build',
  settledByOnline: true,
  check(subject) {
    const { statement, dialect, alter } = subject;
    if (alter !== null) return null;
    const table = indexedTable(subject);
    if (table === null || subject.tableIsNew(table) || !/^CREATE\b/.test(statement.head))
      return null;
    const mode = statement.is.locks[0]?.mode;
    if (mode !== 'SHARE' && mode !== 'SHARED') return null;
    return {
      message: `CREATE INDEX on ${nameOf(table)} keeps writers out until the index is built.`,
      safeWay: dialect === 'postgresql' ? byOnline(subject) : null,
    };
  },
});

const dropIndex: StatementRule = statementRule({
  id: 'drop-index',
  tier: 'warning',
  about: 'DROP INDEX without CONCURRENTLY (Postgres): a short lock against readers and writers',
  settledByOnline: true,
  check(subject) {
    const { statement, dialect } = subject;
    if (dialect !== 'postgresql' || !statement.head.startsWith('DROP INDEX')) return null;
    if (statement.is.concurrent !== null) return null;
    const [index] = statement.is.touches;
    if (index === undefined || subject.isNew(index)) return null;
    return {
      message: `DROP INDEX ${nameOf(index)} waits for everybody who uses its table and keeps all others waiting behind it, up to the lock time-out.`,
      safeWay: byOnline(subject),
    };
  },
});

const algorithmNotAsserted: StatementRule = statementRule({
  id: 'algorithm-not-asserted',
  tier: 'warning',
  about:
    'MySQL: an index build or a rebuild without ALGORITHM and LOCK, which the server may turn into a copy',
  settledByOnline: true,
  check(subject) {
    const { statement, dialect, alter } = subject;
    if (dialect !== 'mysql') return null;
    const lock = statement.is.locks.find(
      ({ work }) => work === 'index build' || work === 'rewrite',
    );
    if (lock === undefined || lock.mode !== 'NONE' || subject.tableIsNew(lock.object)) return null;
    // The rule of the key says it already.
    if (alter?.changes.some((change) => change.kind === 'add constraint') ?? false) return null;
    if (onlineForm(statement, 'mysql') === null) return null;
    return {
      message: `The work on ${nameOf(lock.object)} is done beside the writers as a rule; without ALGORITHM and LOCK the server copies the table silently where it cannot.`,
      safeWay: byOnline(subject),
    };
  },
});

const instantWithLock: StatementRule = statementRule({
  id: 'instant-with-lock',
  tier: 'error',
  about: 'MySQL: ALGORITHM=INSTANT together with a LOCK clause, which the server refuses',
  settledByOnline: false,
  check({ alter, server }) {
    if (alter === null || server?.flavour !== 'mysql') return null;
    const algorithm = alter.changes.find(({ kind }) => kind === 'algorithm');
    const lock = alter.changes.find(({ kind }) => kind === 'lock');
    if (algorithm?.kind !== 'algorithm' || algorithm.value !== 'INSTANT') return null;
    if (lock?.kind !== 'lock' || lock.value === 'DEFAULT') return null;
    return {
      message: `ALGORITHM=INSTANT on ${nameOf(alter.table)} takes no LOCK clause on MySQL: the statement fails.`,
      safeWay: '-- leave the LOCK clause out: ALGORITHM=INSTANT blocks nobody',
    };
  },
});

/** Rules about indexes, and about the clauses that keep their building beside the writers. */
export const INDEX_RULES: readonly StatementRule[] = [
  createIndex,
  dropIndex,
  algorithmNotAsserted,
  instantWithLock,
];
