import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, giveToServers } from './cache.js';
import type { DatabaseServer } from './database-server.js';
import type { ManagedServer } from './managed-server.js';
import { installation, startMysqld, type MySqlOptions } from './mysql.js';
import { runAsServer } from './process.js';
import { type FoundProgram, findServer, type ProgramSource } from './programs.js';

const password = 'mariadb';

/** Where MariaDB comes from. */
export const mariaDbSource: ProgramSource = {
  title: 'MariaDB 10.11',
  suite: 'bookworm',
  package: 'mariadb-server-core',
  programs: ['usr/sbin/mariadbd'],
  names: ['mariadbd'],
  places: ['/usr/sbin'],
  version: /Ver 10\.11\..*MariaDB/,
  variable: 'TEST_MARIADB_URL',
};

/** As for MySQL; the binary log, off by default in MariaDB, is on as in production. */
const settings: Readonly<Record<string, string>> = {
  'secure-file-priv': '',
  'skip-name-resolve': 'ON',
  'max-connections': '500',
  'log-bin': 'binlog',
  'server-id': '1',
  'innodb-buffer-pool-size': '64M',
  'innodb-log-file-size': '32M',
  'innodb-flush-log-at-trx-commit': '2',
  'innodb-doublewrite': 'OFF',
  'innodb-flush-method': 'nosync',
  'sync-binlog': '0',
};

/** Starts a MariaDB of the caller's own. The administrator is `root`. */
export async function startMariaDb(
  options: MySqlOptions = {},
): Promise<ManagedServer & DatabaseServer> {
  const program = await findServer(mariaDbSource);
  return startMysqld(program, {
    flavour: 'mariadb',
    password,
    freshData,
    settings: { ...settings, ...options.settings },
  });
}

/**
 * An initialised data directory to copy from, made as `mariadb-install-db` makes it: the server in bootstrap mode reads its own scripts.
 * The shell script itself expects an installed server.
 */
function freshData(program: FoundProgram): Promise<string> {
  return cached(`data-mariadb-${program.version}`, async (folder) => {
    giveToServers(folder);
    const data = join(folder, 'data');
    await runAsServer('mkdir', [data], { cwd: folder });
    await runAsServer(
      program.path,
      [
        ...['--no-defaults', '--bootstrap', ...installation(program), `--datadir=${data}`],
        ...['--innodb-flush-method=nosync', '--innodb-log-file-size=32M'],
      ],
      { cwd: folder, input: bootstrapScript(program) },
    );
  });
}

function bootstrapScript({ tree }: FoundProgram): string {
  const share = ['usr/share/mysql', 'usr/share/mariadb']
    .map((folder) => join(tree ?? '/', folder))
    .find((folder) => existsSync(join(folder, 'mysql_system_tables.sql')));
  if (share === undefined) throw new Error('MariaDB has no mysql_system_tables.sql.');
  return [
    'CREATE DATABASE mysql;',
    'USE mysql;',
    'SET @auth_root_socket = NULL;',
    ...[
      'mysql_system_tables.sql',
      'mysql_performance_tables.sql',
      'mysql_system_tables_data.sql',
      'maria_add_gis_sp_bootstrap.sql',
      'mysql_sys_schema.sql',
    ].map((file) => readFileSync(join(share, file), 'utf8')),
    // The scripts make root logins for the names of this host, without a password: the closest name would win over '%'.
    "DELETE FROM mysql.global_priv WHERE user IN ('root', '');",
    // Bootstrap mode has no accounts until the grant tables are loaded.
    'FLUSH PRIVILEGES;',
    `CREATE USER root@'%' IDENTIFIED BY '${password}';`,
    `GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;`,
    '',
  ].join('\n');
}
