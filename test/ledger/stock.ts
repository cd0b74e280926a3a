import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import mysql from 'mysql2/promise';
import pg from 'pg';
import type { JournalLayout } from '../../src/journal/journal.js';
import type { Version } from './ledger-world.js';

/** Options that stock `migrate()` takes. */
export interface StockOptions {
  readonly migrationsFolder: string;
  readonly migrationsTable?: string;
  readonly migrationsSchema?: string;
}

/** Runs stock `migrate()` of the line of drizzle-orm that reads this layout: 0.45 for the journal, 1.0-rc for folders. */
export async function stockMigrate(
  { dialect }: Version,
  url: string,
  layout: JournalLayout,
  options: StockOptions,
): Promise<void> {
  // One import after the other: Jest's loader does not stand two that share modules.
  if (dialect === 'postgresql') {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      if (layout === 'journal') {
        const { drizzle } = await import('drizzle-orm/node-postgres');
        const { migrate } = await import('drizzle-orm/node-postgres/migrator');
        await migrate(drizzle(client), options);
      } else {
        const { drizzle } = await import('drizzle-orm-rc/node-postgres');
        const { migrate } = await import('drizzle-orm-rc/node-postgres/migrator');
        await migrate(drizzle({ client }), options);
      }
    } finally {
      await client.end();
    }
    return;
  }
  const connection = await mysql.createConnection(url);
  try {
    if (layout === 'journal') {
      const { drizzle } = await import('drizzle-orm/mysql2');
      const { migrate } = await import('drizzle-orm/mysql2/migrator');
      await migrate(drizzle(connection), options);
    } else {
      const { drizzle } = await import('drizzle-orm-rc/mysql2');
      const { migrate } = await import('drizzle-orm-rc/mysql2/migrator');
      await migrate(drizzle({ client: connection }), options);
    }
  } finally {
    await connection.end();
  }
}

/** Runs `drizzle-kit migrate` of 0.31 as a user does: a configuration file and the command. */
export async function kitMigrate(
  { dialect }: Version,
  url: string,
  migrationsFolder: string,
): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'kit-'));
  try {
    const config = join(folder, 'drizzle.config.json');
    await writeFile(
      config,
      JSON.stringify({ dialect, out: migrationsFolder, dbCredentials: { url } }),
    );
    await promisify(execFile)(
      process.execPath,
      [join(root, 'node_modules/drizzle-kit/bin.cjs'), 'migrate', '--config', config],
      { cwd: root, env: { ...process.env, NODE_OPTIONS: '' } },
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}
