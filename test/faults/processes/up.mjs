// One `up` in a process of its own, with what the command line has no flag for: Redlock (REDIS_URLS, TTL_MS), a barrier (BARRIER).
// Events on stderr and one document on stdout, as the command line has them.
import { once } from 'node:events';
import { createMigrator } from '../../../dist/index.js';

const { BARRIER, DATABASE_URL: url, MIGRATIONS: migrations, REDIS_URLS, TTL_MS } = process.env;
const dialect = url.startsWith('mysql') ? 'mysql' : 'postgresql';

const migrator = createMigrator({
  database: { dialect, url },
  migrations,
  ...(REDIS_URLS !== undefined && { coordinator: await lease() }),
  listeners: [(event) => process.stderr.write(`${JSON.stringify({ level: 'info', ...event })}\n`)],
});
if (BARRIER !== undefined) await barrier();
const document = await migrator.up().then(
  (result) => ({ ok: true, exitCode: 0, result }),
  (error) => ({ ok: false, exitCode: error.exitCode, error: error.toJSON() }),
);
await migrator.close();
process.stdout.write(`${JSON.stringify(document)}\n`);
process.exitCode = document.exitCode;

async function lease() {
  const { redlock } = await import('../../../dist/lock/redlock/index.js');
  return redlock({ urls: REDIS_URLS, ttlMs: Number(TTL_MS), commandTimeoutMs: 200 });
}

/** Says that everything is loaded, and waits for the word to go. */
async function barrier() {
  await (dialect === 'mysql' ? import('mysql2') : import('pg'));
  process.stderr.write(`${JSON.stringify({ level: 'info', type: 'ready' })}\n`);
  await once(process.stdin, 'data');
  process.stdin.destroy();
}
