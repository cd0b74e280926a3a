import { drizzle as mysql045 } from 'drizzle-orm/mysql2';
import { migrate as migrateMysql045 } from 'drizzle-orm/mysql2/migrator';
import { drizzle as postgres045 } from 'drizzle-orm/node-postgres';
import { migrate as migratePostgres045 } from 'drizzle-orm/node-postgres/migrator';
import { drizzle as mysqlRc } from 'drizzle-orm-rc/mysql2';
import { migrate as migrateMysqlRc } from 'drizzle-orm-rc/mysql2/migrator';
import { drizzle as postgresRc } from 'drizzle-orm-rc/node-postgres';
import { migrate as migratePostgresRc } from 'drizzle-orm-rc/node-postgres/migrator';
import { createPool } from 'mysql2/promise';
import pg from 'pg';

/** Drizzle's two lines: `0.45` reads the journal layout, `rc` the folder layout. */
export type StockLine = '0.45' | 'rc';

/** Runs Drizzle's own `migrate()` on a database. */
export async function stockMigrate(
  url: string,
  migrationsFolder: string,
  line: StockLine = '0.45',
): Promise<void> {
  if (url.startsWith('mysql')) {
    const client = createPool({ uri: url });
    try {
      if (line === '0.45') await migrateMysql045(mysql045({ client }), { migrationsFolder });
      else await migrateMysqlRc(mysqlRc({ client }), { migrationsFolder });
    } finally {
      await client.end();
    }
    return;
  }
  const client = new pg.Pool({ connectionString: url });
  try {
    if (line === '0.45') await migratePostgres045(postgres045({ client }), { migrationsFolder });
    else await migratePostgresRc(postgresRc({ client }), { migrationsFolder });
  } finally {
    await client.end();
  }
}
