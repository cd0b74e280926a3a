// Preloaded into a runner (node --import): ends it, as kill -9 does, at one exact point of its conversation with the server.
// DIE_BY = SIGSTOP: it is paused there instead; 'lost lock': its session gives up the lock there, and it goes on.
// DIE_AT = number of the point; DIE_AFTER_STATEMENTS = how many of the file's own statements are answered before it dies;
// DIE_ANYWHERE = points of all its sessions count, those of backfill workers too, and not only those of the one that has the lock.
// DIE_LOG = file that gets one line of JSON a point, instead of dying.
import { appendFileSync } from 'node:fs';

const { DATABASE_URL, DIE_AFTER_STATEMENTS, DIE_ANYWHERE, DIE_AT, DIE_BY, DIE_LOG } = process.env;
let points = 0;
let statements = 0;
/** What only the test's folders send: no bookkeeping begins like this. */
const OWN =
  /^(?:INSERT INTO (?:effects|orders|scratch)|UPDATE (?:orders|sales)|ALTER|DROP|RENAME|TRUNCATE|CALL|VACUUM|REINDEX|CREATE (?:UNIQUE |OR REPLACE )?(?:INDEX|VIEW|PROCEDURE|TRIGGER|TABLE (?:scratch|orders|effects)))/;
/** The first connection that asks anything is the one that holds the lock and executes. */
let runner = null;
/** Of the driver, past the points. */
let loseLock;

/** moment: before a query is handed to the driver, when it is sent and not answered, after its answer. */
function point(connection, moment, sql) {
  runner ??= connection;
  if (connection !== runner && DIE_ANYWHERE === undefined) return;
  points += 1;
  if (DIE_LOG !== undefined)
    appendFileSync(DIE_LOG, `${JSON.stringify({ n: points, moment, sql })}\n`);
  if (moment === 'after' && OWN.test(sql)) statements += 1;
  if (String(points) !== DIE_AT && String(statements) !== DIE_AFTER_STATEMENTS) return;
  if (DIE_BY === 'lost lock') loseLock(runner);
  else process.kill(process.pid, DIE_BY ?? 'SIGKILL');
}

if (DATABASE_URL.startsWith('mysql')) await watchMysql();
else await watchPostgres();

async function watchPostgres() {
  const { default: pg } = await import('pg');
  // oxlint-disable-next-line typescript/unbound-method -- called below with the connection it belongs to
  const { query } = pg.Client.prototype;
  loseLock = (connection) =>
    query.call(connection, { text: 'select pg_advisory_unlock_all()' }).catch(() => undefined);
  pg.Client.prototype.query = function (config, ...rest) {
    const sql = typeof config === 'string' ? config : config.text;
    point(this, 'before', sql);
    const answer = query.call(this, config, ...rest);
    point(this, 'sent', sql);
    // Before whoever waits for the answer: listeners are called in order.
    answer.then(
      () => point(this, 'after', sql),
      () => point(this, 'after', sql),
    );
    return answer;
  };
}

async function watchMysql() {
  const { default: mysql } = await import('mysql2');
  // oxlint-disable-next-line typescript/unbound-method -- called below with the connection it belongs to
  const { query } = mysql.Connection.prototype;
  loseLock = (connection) =>
    query.call(connection, { sql: 'DO release_all_locks()' }, () => undefined);
  mysql.Connection.prototype.query = function (options, done) {
    point(this, 'before', options.sql);
    const command = query.call(this, options, (error, result) => {
      point(this, 'after', options.sql);
      done(error, result);
    });
    point(this, 'sent', options.sql);
    return command;
  };
}
