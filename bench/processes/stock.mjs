// One stock `migrate()` in a process of its own: node stock.mjs <dialect> <url> <folder>.
import { barrier, report } from './barrier.mjs';

const [, , dialect, url, migrationsFolder] = process.argv;
const run = dialect === 'mysql' ? await onMysql() : await onPostgres();
await barrier();

const startedAt = performance.now();
await run();
report({ ms: performance.now() - startedAt });

async function onPostgres() {
  const { default: pg } = await import('pg');
  const { drizzle } = await import('drizzle-orm/node-postgres');
  const { migrate } = await import('drizzle-orm/node-postgres/migrator');
  return async () => {
    const client = new pg.Pool({ connectionString: url });
    await migrate(drizzle({ client }), { migrationsFolder });
    await client.end();
  };
}

async function onMysql() {
  const { createPool } = await import('mysql2/promise');
  const { drizzle } = await import('drizzle-orm/mysql2');
  const { migrate } = await import('drizzle-orm/mysql2/migrator');
  return async () => {
    const client = createPool({ uri: url });
    await migrate(drizzle({ client }), { migrationsFolder });
    await client.end();
  };
}
