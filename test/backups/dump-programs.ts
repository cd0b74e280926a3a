import { pgDumpProgram } from '../journals/pg-dump-program.js';
import { findServer, type ProgramSource } from '../servers/programs.js';

const mysqldump: ProgramSource = {
  title: 'mysqldump 9.7',
  suite: 'sid',
  package: 'mysql-client-core',
  programs: ['usr/bin/mysqldump'],
  names: ['mysqldump'],
  places: ['/usr/bin', '/usr/local/mysql/bin'],
  version: /Ver (?:9\.[7-9]|[1-9]\d\.)(?!.*MariaDB)/,
  variable: 'TEST_MYSQL_URL',
};

const mariadbDump: ProgramSource = {
  title: 'mariadb-dump 10.11',
  suite: 'bookworm',
  package: 'mariadb-client',
  programs: ['usr/bin/mariadb-dump'],
  names: ['mariadb-dump', 'mysqldump'],
  places: ['/usr/bin'],
  version: /(?:10\.11|1[1-9]\.\d+)\.\d+-MariaDB/,
  variable: 'TEST_MARIADB_URL',
};

/** The dump program of the server's own vendor, new enough for it. */
export async function dumpProgram(flavour: 'postgresql' | 'mysql' | 'mariadb'): Promise<string> {
  switch (flavour) {
    case 'postgresql':
      return pgDumpProgram();
    case 'mysql':
      return (await findServer(mysqldump)).path;
    case 'mariadb':
      return (await findServer(mariadbDump)).path;
  }
}
