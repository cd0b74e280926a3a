// Preloaded into a runner (node --import): stops the process, as SIGSTOP from outside does, right before it sends a statement that begins with
// STAND_STILL_BEFORE. With DROP_LOCK its session gives up the lock first, as a pooler or a server's failover would make it.
const { DATABASE_URL, DROP_LOCK, STAND_STILL_BEFORE } = process.env;
let stood = false;

if (DATABASE_URL.startsWith('mysql')) {
  const { default: mysql } = await import('mysql2');
  // oxlint-disable-next-line typescript/unbound-method -- called below with the connection it belongs to
  const { query } = mysql.Connection.prototype;
  mysql.Connection.prototype.query = function (options, done) {
    if (!meant(options.sql)) return query.call(this, options, done);
    const go = () => {
      process.kill(process.pid, 'SIGSTOP');
      query.call(this, options, done);
    };
    if (DROP_LOCK === undefined) go();
    else query.call(this, { sql: 'DO release_all_locks()' }, go);
  };
} else {
  const { default: pg } = await import('pg');
  // oxlint-disable-next-line typescript/unbound-method -- called below with the connection it belongs to
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (config, ...rest) {
    const sql = typeof config === 'string' ? config : config.text;
    if (meant(sql)) {
      // Not waited for: what is sent keeps its order, and others may be sent behind it.
      if (DROP_LOCK !== undefined) {
        query.call(this, { text: 'select pg_advisory_unlock_all()' }).catch(() => undefined);
      }
      process.kill(process.pid, 'SIGSTOP');
    }
    return query.call(this, config, ...rest);
  };
}

function meant(sql) {
  if (stood || !sql.startsWith(STAND_STILL_BEFORE)) return false;
  stood = true;
  return true;
}
