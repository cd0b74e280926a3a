// One `up` of ours in a process of its own: node ours.mjs <dialect> <url> <folder>.
import { createMigrator } from 'nestjs-drizzle-migrator';
import { barrier, report } from './barrier.mjs';
import { loadEverything } from './load-everything.mjs';

const [, , dialect, url, migrations] = process.argv;
if (dialect === 'mysql') await import('mysql2/promise');
else await import('pg');
if (process.env.LOAD_EVERYTHING === '1') await loadEverything();
await barrier();

const startedAt = performance.now();
const migrator = createMigrator({ database: { dialect, url }, migrations });
try {
  const { applied } = await migrator.up();
  const ms = performance.now() - startedAt;
  await migrator.close();
  report({ ms, applied: applied.length });
} catch (error) {
  await migrator.close();
  process.stderr.write(`${JSON.stringify(error)}\n`);
  process.exitCode = 1;
}
