import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, copyTree, giveToServers } from './cache.js';
import type { DatabaseServer } from './database-server.js';
import { ManagedServer } from './managed-server.js';
import { mysqlServer } from './mysql-admin.js';
import { runAsServer } from './process.js';
import { type FoundProgram, findServer, type ProgramSource } from './programs.js';

/** Options of a private MySQL or MariaDB. */
export interface MySqlOptions {
  /** Server variables, as `--name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
}

const password = 'mysql';

/** Where MySQL comes from: only Debian sid carries the current long-term release. */
export const mysqlSource: ProgramSource = {
  title: 'MySQL 9.7',
  suite: 'sid',
  package: 'mysql-server-core',
  programs: ['usr/sbin/mysqld'],
  names: ['mysqld'],
  places: ['/usr/sbin', '/usr/local/mysql/bin'],
  version: /Ver 9\.(?!.*MariaDB)/,
  variable: 'TEST_MYSQL_URL',
};

/**
 * What reaches the kernel survives a killed server; a power cut is not what the tests are about. The binary log stays on, as in production:
 * it decides who may create triggers and functions (error 1419).
 */
const settings: Readonly<Record<string, string>> = {
  mysqlx: 'OFF',
  'secure-file-priv': '',
  'skip-name-resolve': 'ON',
  'max-connections': '500',
  'innodb-buffer-pool-size': '64M',
  'innodb-redo-log-capacity': '32M',
  'innodb-flush-log-at-trx-commit': '2',
  'innodb-doublewrite': 'OFF',
  'innodb-flush-method': 'nosync',
  'sync-binlog': '0',
};

/** Starts a MySQL of the caller's own. The administrator is `root`. */
export async function startMySql(
  options: MySqlOptions = {},
): Promise<ManagedServer & DatabaseServer> {
  const program = await findServer(mysqlSource);
  return startMysqld(program, {
    flavour: 'mysql',
    password,
    freshData,
    settings: { ...settings, ...options.settings },
  });
}

/** In what a MySQL and a MariaDB differ. */
interface Mysqld {
  readonly flavour: 'mysql' | 'mariadb';
  /** Of `root`. */
  readonly password: string;
  /** Gives a folder with an initialised `data` to copy. */
  readonly freshData: (program: FoundProgram) => Promise<string>;
  readonly settings: Readonly<Record<string, string>>;
}

/** Starts a server that MySQL's or MariaDB's program is. */
export async function startMysqld(
  program: FoundProgram,
  { flavour, password: secret, freshData: dataOf, settings: variables }: Mysqld,
): Promise<ManagedServer & DatabaseServer> {
  const server = await ManagedServer.start({
    name: flavour,
    prepare: async (directory) => {
      await copyTree(join(await dataOf(program), 'data'), directory);
    },
    launch: (port, directory) => ({
      command: program.path,
      args: mysqldArguments(program, directory, port, variables),
      cwd: join(directory, 'data'),
      readyWhen: /: ready for connections/,
    }),
    shutdownSignal: 'SIGTERM',
    discardSignal: 'SIGKILL',
  });
  const url = `mysql://root:${secret}@127.0.0.1:${server.port}`;
  return Object.assign(server, mysqlServer(url, flavour));
}

function mysqldArguments(
  program: FoundProgram,
  directory: string,
  port: number,
  variables: Readonly<Record<string, string>>,
): readonly string[] {
  return [
    '--no-defaults',
    ...installation(program),
    `--datadir=${join(directory, 'data')}`,
    // A server that starts removes the temporary tables it finds: in a folder shared with others, theirs.
    `--tmpdir=${directory}`,
    `--socket=${join(directory, 'socket')}`,
    `--pid-file=${join(directory, 'pid')}`,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    ...Object.entries(variables).map(([name, value]) => `--${name}=${value}`),
  ];
}

/** Where an unpacked server finds its own files; an installed one knows. */
export function installation({ tree }: FoundProgram): readonly string[] {
  if (tree === undefined) return [];
  return [
    `--basedir=${join(tree, 'usr')}`,
    `--lc-messages-dir=${join(tree, 'usr/share/mysql')}`,
    `--plugin-dir=${join(tree, 'usr/lib/mysql/plugin')}`,
  ];
}

/** An initialised data directory to copy from. Without auto.cnf each copy gives itself a server UUID of its own. */
function freshData(program: FoundProgram): Promise<string> {
  return cached(`data-mysql-${program.version}`, async (folder) => {
    const accounts = join(folder, 'accounts.sql');
    writeFileSync(
      accounts,
      [
        `ALTER USER root@localhost IDENTIFIED BY '${password}';`,
        `CREATE USER root@'%' IDENTIFIED BY '${password}';`,
        `GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;`,
        '',
      ].join('\n'),
    );
    giveToServers(folder);
    await runAsServer(
      program.path,
      [
        ...['--no-defaults', '--initialize-insecure', ...installation(program)],
        ...[`--datadir=${join(folder, 'data')}`, `--init-file=${accounts}`],
        ...['--innodb-flush-method=nosync', '--innodb-redo-log-capacity=32M'],
      ],
      { cwd: folder },
    );
    await runAsServer('rm', ['-f', join(folder, 'data', 'auto.cnf')], { cwd: folder });
  });
}
