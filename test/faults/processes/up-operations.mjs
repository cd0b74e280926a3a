// One `up` in a process of its own with the operations of operations-killed.spec.ts registered. One document on stdout, events on stderr.
import { backfill, createMigrator, renameColumn, tightenNotNull } from '../../../dist/index.js';

const { DATABASE_URL: url, MIGRATIONS: migrations } = process.env;
const rows = { ranges: 1 };

const migrator = createMigrator({
  database: { dialect: url.startsWith('mysql') ? 'mysql' : 'postgresql', url },
  migrations,
  operations: [
    renameColumn('rename', { table: 'orders', from: 'note', to: 'remark', backfill: rows }),
    tightenNotNull('not-null', {
      table: 'orders',
      column: 'total',
      repair: { total: '0' },
      backfill: rows,
    }),
    backfill('once', { table: 'orders', set: { visits: 'visits + 1' }, backfill: rows }),
  ],
  listeners: [(event) => process.stderr.write(`${JSON.stringify({ level: 'info', ...event })}\n`)],
});
const document = await migrator.up().then(
  (result) => ({ ok: true, exitCode: 0, result }),
  (error) => ({ ok: false, exitCode: error.exitCode, error: error.toJSON() }),
);
await migrator.close();
process.stdout.write(`${JSON.stringify(document)}\n`);
process.exitCode = document.exitCode;
