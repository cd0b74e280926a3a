import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import { pgDumpProgram } from './pg-dump-program.js';
import type { DumpOptions } from './schema-dump.js';

/** `pg_dump -s`, without the ledger's schema and what differs from one dump to the next. */
export async function dumpPostgresSchema(url: string, options: DumpOptions = {}): Promise<string> {
  const command = await pgDumpProgram();
  const excluded = [
    ...['--exclude-schema', options.ledgerSchema ?? 'drizzle'],
    ...['--exclude-table', '*.__drizzle_migrations', '--exclude-table', '*.migration_*'],
  ];
  const { stdout } = await promisify(execFile)(
    command,
    ['--schema-only', '--no-owner', ...excluded, '--dbname', url],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout
    .split('\n')
    .filter((line) => !/^(\\(un)?restrict |-- Dumped )/.test(line))
    .join('\n');
}

/** Every row of every table, as JSON lines sorted within their table. */
export async function dumpPostgresRows(url: string, options: DumpOptions = {}): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ readonly name: string }>(TABLES, [
      options.ledgerSchema ?? 'drizzle',
    ]);
    const parts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ readonly line: string }>(
        `select (to_jsonb(t) - $1::text[])::text as line from ${name} t order by 1`,
        [options.exceptColumns ?? []],
      );
      parts.push(`-- ${name}\n${rows.map(({ line }) => line).join('\n')}`);
    }
    return parts.join('\n\n');
  } finally {
    await client.end();
  }
}

const TABLES = `
  select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and not c.relispartition
     and n.nspname not in ('pg_catalog', 'information_schema', $1)
     and c.relname !~ '^(__drizzle_migrations|migration_.*)$'
   order by 1`;
