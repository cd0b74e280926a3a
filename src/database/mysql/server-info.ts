import { MigratorError } from '../../errors.js';
import { unsupportedDatabase } from '../connection-url.js';
import type { ServerInfo } from '../database.js';

/**
 * One row about server, login and session. The comments are code on one of the two only: MariaDB runs `M!` comments and no MySQL comment
 * from 5.7 on, MySQL the other way round. Source: MariaDB documentation, Comment Syntax.
 */
export const SERVER_INFO_SQL = `SELECT version() AS version, @@version_comment AS comment, database() AS db,
  current_user() AS user, CAST(connection_id() AS CHAR) AS id, @@SESSION.sql_mode AS sql_mode,
  CAST(@@GLOBAL.read_only AS CHAR) AS read_only,
  CAST(@@GLOBAL.innodb_read_only AS CHAR) AS innodb_read_only
  /*!80000 , CAST(@@GLOBAL.super_read_only AS CHAR) AS super_read_only, CAST(@@SESSION.transaction_read_only AS CHAR) AS session_read_only */
  /*M! , '0' AS super_read_only, CAST(@@SESSION.tx_read_only AS CHAR) AS session_read_only */`;

/** The answer to the server query above: settings as text, for servers spell on and off differently. */
export interface ServerInfoRow {
  readonly version: string;
  readonly comment: string | null;
  readonly db: string | null;
  readonly user: string;
  readonly id: string;
  readonly sql_mode: string;
  readonly read_only: string;
  readonly innodb_read_only: string;
  readonly super_read_only?: string;
  readonly session_read_only?: string;
}

/** Servers that speak MySQL's protocol and are something else. Each lacks GET_LOCK across its nodes, or MySQL's catalogue. */
const IMPOSTERS: ReadonlyArray<readonly [RegExp, string]> = [
  [/TiDB/i, 'TiDB'],
  [/Vitess|PlanetScale/i, 'Vitess (PlanetScale)'],
  [/SingleStore|MemSQL/i, 'SingleStore'],
  [/OceanBase/i, 'OceanBase'],
  [/Dolt/i, 'Dolt'],
  [/StarRocks/i, 'StarRocks'],
  [/Doris/i, 'Apache Doris'],
];

/** @throws {MigratorError} `UNSUPPORTED_DIALECT` */
export function assertMysql(version: string, comment: string | null): void {
  const found = IMPOSTERS.find(([pattern]) => pattern.test(`${version} ${comment ?? ''}`));
  if (found !== undefined) throw unsupportedDatabase(found[1]);
}

/** Which of the two it is, and its version as a number: `8.0.36-28` is 80036, `5.5.5-10.11.6-MariaDB` is 101106. */
export function readVersion(version: string): {
  readonly flavour: 'mysql' | 'mariadb';
  readonly versionNumber: number;
} {
  const flavour = /mariadb/i.test(version) ? 'mariadb' : 'mysql';
  // MariaDB 10 pretends to be a replicable 5.5.5 in its handshake, and some proxies repeat that.
  const own = flavour === 'mariadb' ? version.replace(/^5\.5\.5-/, '') : version;
  const [, major = '0', minor = '0', patch = '0'] = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(own) ?? [];
  return {
    flavour,
    versionNumber: Number(major) * 10_000 + Number(minor) * 100 + Number(patch),
  };
}

/**
 * @param exempt whether this login may write although `read_only` is on
 * @throws {MigratorError} `UNSUPPORTED_DIALECT`, `CONFIGURATION` when the session has no current database
 */
export function serverInfo(row: ServerInfoRow, exempt: boolean): ServerInfo {
  assertMysql(row.version, row.comment);
  if (row.db === null) {
    throw new MigratorError('CONFIGURATION', {
      message: 'The connection names no database, and the ledger needs one.',
      state: 'Nothing was changed.',
      remedy: 'Add it to the URL: mysql://user:password@host:3306/database.',
    });
  }
  const modes = new Set(row.sql_mode.toUpperCase().split(','));
  return {
    dialect: 'mysql',
    ...readVersion(row.version),
    version: row.version,
    database: row.db,
    user: row.user,
    readOnly:
      isOn(row.super_read_only) ||
      isOn(row.session_read_only) ||
      isOn(row.innodb_read_only) ||
      (isOn(row.read_only) && !exempt),
    sqlMode: {
      ...((modes.has('ANSI_QUOTES') || modes.has('ANSI')) && { ansiQuotes: true }),
      ...(modes.has('NO_BACKSLASH_ESCAPES') && { noBackslashEscapes: true }),
    },
  };
}

/** MariaDB 12 has words where there were numbers (`NO_LOCK`, `NO_LOCK_NO_ADMIN`). */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '0' && value.toUpperCase() !== 'OFF';
}

/** Privileges that `read_only` does not bind; the grantee is quoted as information_schema writes it. */
export const EXEMPT_SQL = `SELECT 1 FROM information_schema.user_privileges
  WHERE grantee = ? AND privilege_type IN ('SUPER', 'CONNECTION_ADMIN', 'READ_ONLY ADMIN', 'READ ONLY ADMIN') LIMIT 1`;

/** `app@%` as `'app'@'%'`. The host is what follows the last `@`. */
export function granteeOf(user: string): string {
  const at = user.lastIndexOf('@');
  return `'${user.slice(0, at)}'@'${user.slice(at + 1)}'`;
}
