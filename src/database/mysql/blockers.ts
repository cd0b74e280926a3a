import type { BlockingSession } from '../../run-events.js';
import { StatementError } from '../database.js';
import type { Session } from '../database.js';
import { readProcesses } from './process-list.js';

interface Row {
  readonly pid: string;
  readonly role: string | null;
  readonly application: string | null;
  readonly state: string | null;
  readonly age_ms: string | null;
}

/** Modes that stop readers and writers of a table: only these block a request that is itself shared. */
const STRONG_MODES = `('EXCLUSIVE', 'SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE')`;

/** Holders of the metadata lock that a thread waits for. performance_schema; MySQL by default, MariaDB 10.5+ where it is switched on. */
const METADATA_HOLDERS = `SELECT h.owner_thread_id AS thread_id
  FROM performance_schema.threads me
  JOIN performance_schema.metadata_locks w ON w.owner_thread_id = me.thread_id AND w.lock_status = 'PENDING'
  JOIN performance_schema.metadata_locks h ON h.object_type = w.object_type
   AND h.object_schema <=> w.object_schema AND h.object_name <=> w.object_name
   AND h.lock_status = 'GRANTED' AND h.owner_thread_id <> w.owner_thread_id
   AND (w.lock_type = 'EXCLUSIVE' OR h.lock_type IN ${STRONG_MODES})
 WHERE me.processlist_id = ?`;

/** Holders of the row lock that a thread waits for. MySQL 8 and later. */
const ROW_HOLDERS = `SELECT d.blocking_thread_id AS thread_id
  FROM performance_schema.threads me
  JOIN performance_schema.data_lock_waits d ON d.requesting_thread_id = me.thread_id
 WHERE me.processlist_id = ?`;

/** Times are in picoseconds. The program's name is among the attributes that the driver sent. */
function describeThreads(holders: string): string {
  return `SELECT DISTINCT CAST(t.processlist_id AS CHAR) AS pid, t.processlist_user AS role,
  a.attr_value AS application, t.processlist_command AS state,
  CAST(round(x.timer_wait / 1000000000) AS CHAR) AS age_ms
  FROM (${holders}) b
  JOIN performance_schema.threads t ON t.thread_id = b.thread_id
  LEFT JOIN performance_schema.session_connect_attrs a
    ON a.processlist_id = t.processlist_id AND a.attr_name = 'program_name'
  LEFT JOIN performance_schema.events_transactions_current x
    ON x.thread_id = t.thread_id AND x.state = 'ACTIVE'
  ORDER BY pid`;
}

/** MariaDB: who holds row locks that a session waits for. */
const INNODB_HOLDERS = `SELECT DISTINCT CAST(t.trx_mysql_thread_id AS CHAR) AS pid, p.user AS role, NULL AS application,
  p.command AS state, CAST(timestampdiff(MICROSECOND, t.trx_started, now(6)) DIV 1000 AS CHAR) AS age_ms
  FROM information_schema.innodb_trx me
  JOIN information_schema.innodb_lock_waits w ON w.requesting_trx_id = me.trx_id
  JOIN information_schema.innodb_trx t ON t.trx_id = w.blocking_trx_id
  LEFT JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
 WHERE me.trx_mysql_thread_id = ? ORDER BY pid`;

/** Open transactions, oldest first. */
const OPEN_TRANSACTIONS = `SELECT CAST(trx_mysql_thread_id AS CHAR) AS pid,
  CAST(timestampdiff(MICROSECOND, trx_started, now(6)) DIV 1000 AS CHAR) AS age_ms
  FROM information_schema.innodb_trx ORDER BY trx_started`;

/**
 * Where nothing tells who holds a metadata lock (MariaDB as it is installed, MySQL without performance_schema): while that session waits for one,
 * every open transaction of the same database, oldest first. Metadata locks last as long as transactions, so the culprit is among them.
 */
async function openTransactions(observer: Session, backendId: string): Promise<readonly Row[]> {
  const processes = new Map((await readProcesses(observer)).map((one) => [one.id, one] as const));
  const me = processes.get(backendId);
  if (me === undefined || !/^Waiting for.*lock$/.test(me.state ?? '')) return [];
  const open = await observer.query<{ readonly pid: string; readonly age_ms: string | null }>(
    OPEN_TRANSACTIONS,
  );
  return open.flatMap(({ pid, age_ms }) => {
    const process = processes.get(pid);
    if (process === undefined || pid === backendId || process.database !== me.database) return [];
    return [{ pid, role: process.user, application: null, state: process.command, age_ms }];
  });
}

/** MariaDB's plugin METADATA_LOCK_INFO, where somebody has installed it: holders of table locks, narrower than all transactions. */
const PLUGIN_HOLDERS = `SELECT DISTINCT CAST(l.thread_id AS CHAR) AS pid, p.user AS role, NULL AS application,
  p.command AS state, CAST(timestampdiff(MICROSECOND, t.trx_started, now(6)) DIV 1000 AS CHAR) AS age_ms
  FROM information_schema.processlist me
  JOIN information_schema.metadata_lock_info l ON l.table_schema = me.db AND l.thread_id <> me.id
   AND l.lock_type = 'Table metadata lock'
  JOIN information_schema.processlist p ON p.id = l.thread_id
  LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id
 WHERE me.id = ? AND me.state LIKE 'Waiting for%lock' ORDER BY pid`;

/** A place where it may stand who is waited for. */
type Source = (observer: Session, backendId: string) => Promise<readonly Row[]>;

const asked =
  (sql: string): Source =>
  (observer, backendId) =>
    observer.query<Row & Record<string, unknown>>(sql, [BigInt(backendId)]);

const MYSQL_SOURCES: readonly Source[] = [
  asked(describeThreads(METADATA_HOLDERS)),
  asked(describeThreads(ROW_HOLDERS)),
  openTransactions,
];

const MARIADB_SOURCES: readonly Source[] = [
  asked(describeThreads(METADATA_HOLDERS)),
  asked(INNODB_HOLDERS),
  asked(PLUGIN_HOLDERS),
  openTransactions,
];

/** The sessions that a MySQL or MariaDB session waits for: from the first source that knows any. */
export async function mysqlBlockers(
  observer: Session,
  backendId: string,
): Promise<readonly BlockingSession[]> {
  const sources = observer.server.flavour === 'mariadb' ? MARIADB_SOURCES : MYSQL_SOURCES;
  for (const source of sources) {
    const rows = await readable(source(observer, backendId));
    if (rows.length > 0) return rows.map(blockingSession);
  }
  return [];
}

/** A source that this login may not read, or that this server does not have, knows nobody. */
async function readable(answer: Promise<readonly Row[]>): Promise<readonly Row[]> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof StatementError) return [];
    throw error;
  }
}

function blockingSession({ pid, role, application, state, age_ms: age }: Row): BlockingSession {
  return {
    pid,
    role,
    application,
    state,
    transactionAgeMs: age === null ? null : Math.max(0, Number(age)),
  };
}
