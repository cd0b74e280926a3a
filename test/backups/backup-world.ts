import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackupOptions } from '../../src/options.js';
import { migratorWorld, type MigratorWorld } from '../migrator/migrator-world.js';
import { dumpProgram } from './dump-programs.js';

/** The servers that backups are tested on. */
export const dumped = [
  { name: 'Postgres 18', server: 'postgres18', flavour: 'postgresql' },
  { name: 'MySQL 9.7', server: 'mysql', flavour: 'mysql' },
  { name: 'MariaDB 10.11', server: 'mariadb', flavour: 'mariadb' },
] as const;

/** A row of kind `gate` that a backup left. */
export interface BackupRecord {
  readonly tag: string;
  readonly detail: {
    readonly attempt?: string;
    readonly ref?: string;
    readonly tables: readonly string[];
    readonly files: readonly {
      readonly content: string;
      readonly path: string;
      readonly sha256: string;
      readonly bytes: number;
    }[];
  };
}

/** A database with data, a folder with a contract, and a place for dumps. */
export interface BackupWorld extends MigratorWorld {
  /** Where dumps go. */
  readonly folder: string;
  /** The option, with the server's own program. */
  readonly backup: BackupOptions;
  /** The same with a shell script in its place. */
  scripted(lines: readonly string[]): Promise<BackupOptions>;
  /** Names of the files below {@link folder}. */
  files(): Promise<readonly string[]>;
  records(): Promise<readonly BackupRecord[]>;
  /** `<state> <error code>` of the attempts at a migration. */
  attempts(tag: string): Promise<readonly string[]>;
}

interface SqlMigration {
  readonly tag: string;
  /** Names in double quotes. */
  readonly sql: string;
}

/** A table whose name needs quotes. */
export const USERS: SqlMigration = {
  tag: '0000_users',
  sql: 'create table "the users" (id int primary key, nick varchar(40));',
};
export const DROP: SqlMigration = {
  tag: '0001_drop_nick',
  sql: 'alter table "the users" drop column nick;',
};

/** Applies the first migration, and puts two rows into its table. */
export async function backupWorld(
  { server, flavour }: (typeof dumped)[number],
  migrations: readonly SqlMigration[] = [USERS, DROP],
): Promise<BackupWorld> {
  const quoted = (sql: string): string =>
    flavour === 'postgresql' ? sql : sql.replaceAll('"', '`');
  const world = await migratorWorld(
    server,
    migrations.map(({ tag, sql }) => ({ tag, sql: quoted(sql) })),
  );
  const scratch = await mkdtemp(join(tmpdir(), 'ndm-backup-'));
  const folder = join(scratch, 'dumps');
  const command = (path: string): NonNullable<BackupOptions['command']> =>
    flavour === 'postgresql' ? { pgDump: path } : { mysqldump: path };
  const first = migrations[0]?.tag ?? '';
  await world.migrator().up({ to: first });
  await world.database.query(
    quoted(`insert into "the users" (id, nick) values (1, 'Ada'), (2, 'O''Hara ü')`),
  );
  const attempts = flavour === 'postgresql' ? 'drizzle.migration_attempts' : 'migration_attempts';
  return {
    ...world,
    folder,
    backup: { directory: folder, command: command(await dumpProgram(flavour)) },
    async scripted(lines) {
      const path = join(scratch, `dump-${(await readdir(scratch)).length}.sh`);
      await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'));
      await chmod(path, 0o755);
      return { directory: folder, command: command(path) };
    },
    files: () => readdir(folder).catch(() => []),
    async records() {
      const rows = await world.database.query<{ tag: string; detail: unknown }>(
        `select tag, detail from ${attempts} where kind = 'gate' and reason = 'backup' order by id`,
      );
      return rows.map(({ tag, detail }) => ({
        tag,
        detail: (typeof detail === 'string'
          ? JSON.parse(detail)
          : detail) as BackupRecord['detail'],
      }));
    },
    async attempts(tag) {
      const rows = await world.database.query<{ state: string; code: string | null }>(
        `select state, error_code as code from ${attempts} where kind = 'migration' and tag = '${tag}' order by id`,
      );
      return rows.map(({ state, code }) => `${state} ${code ?? '-'}`);
    },
    async close() {
      await world.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

/** What a program of the server's vendor says to `--version`, in a version that is new enough. */
export const SAYS_VERSION: Readonly<Record<(typeof dumped)[number]['flavour'], string>> = {
  postgresql: 'pg_dump (PostgreSQL) 99.1',
  mysql: 'mysqldump  Ver 99.1.0 for Linux on x86_64',
  mariadb: 'mysqldump  Ver 10.19 Distrib 99.1.0-MariaDB, for Linux',
};

/** Lines of a script that answers to `--version` and then does something else. */
export function fakeProgram(
  flavour: (typeof dumped)[number]['flavour'],
  ...then: readonly string[]
): readonly string[] {
  return [`if [ "$1" = --version ]; then echo '${SAYS_VERSION[flavour]}'; exit 0; fi`, ...then];
}

/** Of a file, in hexadecimal. */
export async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
