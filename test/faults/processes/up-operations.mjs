// One `up` in a process of its own with the operations of operations-run.ts registered. One document on stdout, events on stderr.
import { backfill, createMigrator, renameColumn, tightenNotNull } from '../../../dist/index.js';
import { ordersOperations } from './orders-operations.mjs';

const { DATABASE_URL: url, MIGRATIONS: migrations } = process.env;

const migrator = createMigrator({
  database: { dialect: url.startsWith('mysql') ? 'mysql' : 'postgresql', url },
  migrations,
  operations: ordersOperations({ backfill, renameColumn, tightenNotNull }),
  listeners: [(event) => process.stderr.write(`${JSON.stringify({ level: 'info', ...event })}\n`)],
});
const document = await migrator.up().then(
  (result) => ({ ok: true, exitCode: 0, result }),
  (error) => ({ ok: false, exitCode: error.exitCode, error: error.toJSON() }),
);
await migrator.close();
process.stdout.write(`${JSON.stringify(document)}\n`);
process.exitCode = document.exitCode;
