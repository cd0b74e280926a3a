import type { Settings } from '../../database/connection-url.js';
import type { DumpContent, DumpedTable } from '../backup.js';
import type { Vendor } from '../dump-program.js';
import type { TlsForPrograms } from '../tls-files.js';

/** No option file of the machine has a say: it would be another login's. `--no-defaults` must come first. */
const ALWAYS = [
  '--no-defaults',
  '--single-transaction',
  '--skip-lock-tables',
  '--no-tablespaces',
  '--default-character-set=utf8mb4',
];

const OF_CONTENT: Readonly<Record<DumpContent, readonly string[]>> = {
  schema: ['--no-data', '--routines', '--triggers', '--events'],
  data: ['--no-create-info', '--skip-triggers', '--complete-insert', '--hex-blob'],
};

/** What MySQL's would do besides: needs rights that a migrating login seldom has. MariaDB's knows neither. */
const OF_MYSQL = ['--set-gtid-purged=OFF', '--skip-column-statistics'];

/**
 * @param database whose dump it is
 * @param tables of this database; empty = all
 */
export function mysqldumpArguments(
  content: DumpContent,
  vendor: Vendor,
  settings: Settings,
  tls: TlsForPrograms | null,
  database: string,
  tables: readonly DumpedTable[],
): readonly string[] {
  return [
    ...ALWAYS,
    ...OF_CONTENT[content],
    ...(vendor === 'mysql' ? OF_MYSQL : []),
    ...addressOf(settings),
    ...(vendor === 'mysql' ? tlsOfMysql(tls) : tlsOfMariadb(tls)),
    '--',
    database,
    ...tables.map(({ name }) => name),
  ];
}

/**
 * The password, by the one variable that both programs read, and no login path of this machine's user.
 * @see https://dev.mysql.com/doc/refman/9.7/en/environment-variables.html
 */
export function mysqldumpEnvironment(password: string | null): Readonly<Record<string, string>> {
  return {
    ...(password !== null && { MYSQL_PWD: password }),
    MYSQL_TEST_LOGIN_FILE: '/nonexistent',
    LC_MESSAGES: 'C',
  };
}

function addressOf(settings: Settings): readonly string[] {
  const text = (name: string): string | null => {
    const value = settings[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
  };
  const [socket, host, port, user] = ['socketPath', 'host', 'port', 'user'].map(text);
  // `localhost` would mean a socket to these programs, and means TCP to mysql2.
  const where =
    socket == null
      ? [`--host=${host ?? 'localhost'}`, `--port=${port ?? '3306'}`, '--protocol=TCP']
      : [`--socket=${socket}`, '--protocol=SOCKET'];
  return [...where, ...(user == null ? [] : [`--user=${user}`])];
}

const MYSQL_MODES: Readonly<Record<TlsForPrograms['mode'], string>> = {
  off: 'DISABLED',
  encrypt: 'REQUIRED',
  'verify-ca': 'VERIFY_CA',
  'verify-full': 'VERIFY_IDENTITY',
};

function tlsOfMysql(tls: TlsForPrograms | null): readonly string[] {
  // As mysql2 does without TLS: caching_sha2_password needs one of the two.
  if (tls === null) return ['--get-server-public-key'];
  return [`--ssl-mode=${MYSQL_MODES[tls.mode]}`, ...files(tls), '--get-server-public-key'];
}

function tlsOfMariadb(tls: TlsForPrograms | null): readonly string[] {
  if (tls === null) return [];
  if (tls.mode === 'off') return ['--skip-ssl'];
  const verify =
    tls.mode === 'encrypt' ? '--skip-ssl-verify-server-cert' : '--ssl-verify-server-cert';
  return ['--ssl', ...files(tls), verify];
}

function files({ ca, cert, key }: TlsForPrograms): readonly string[] {
  return [
    ...(ca === undefined ? [] : [`--ssl-ca=${ca}`]),
    ...(cert === undefined ? [] : [`--ssl-cert=${cert}`]),
    ...(key === undefined ? [] : [`--ssl-key=${key}`]),
  ];
}
