import { MigratorError } from '../../errors.js';
import { unsupportedDatabase } from '../connection-url.js';
import type { ServerInfo } from '../database.js';

/** One row about server, login and session. `version()` is unqualified: it must come from whatever answers. */
export const SERVER_INFO_COLUMNS = `version() AS version,
  current_setting('server_version') AS server_version,
  current_setting('server_version_num') AS version_number,
  current_database()::text AS database,
  current_user::text AS "user",
  pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS read_only,
  current_setting('standard_conforming_strings') AS standard_strings,
  pg_backend_pid()::text AS pid`;

/** The answer to the server query above. */
export interface ServerInfoRow {
  readonly version: string;
  readonly server_version: string;
  readonly version_number: string;
  readonly database: string;
  readonly user: string;
  readonly read_only: boolean;
  readonly standard_strings: string;
  readonly pid: string;
}

/** Servers that speak Postgres' protocol and are something else: no session advisory locks, or another catalogue. */
const IMPOSTERS: ReadonlyArray<readonly [RegExp, string]> = [
  [/CockroachDB/i, 'CockroachDB'],
  [/Redshift/i, 'Amazon Redshift'],
  [/-YB-/, 'YugabyteDB'],
  [/Materialize/i, 'Materialize'],
  [/QuestDB/i, 'QuestDB'],
];

/** @throws {MigratorError} `UNSUPPORTED_DIALECT` */
export function assertPostgres(version: string): void {
  const imposter = IMPOSTERS.find(([pattern]) => pattern.test(version));
  if (imposter !== undefined) throw unsupportedDatabase(imposter[1]);
}

/** @throws {MigratorError} `UNSUPPORTED_DIALECT`, `CONFIGURATION` when a runner would read backslashes in literals as escapes */
export function serverInfo(
  row: ServerInfoRow,
  flavour: 'postgresql' | 'pglite',
  role: 'runner' | 'reader',
): ServerInfo {
  assertPostgres(row.version);
  if (role === 'runner' && row.standard_strings !== 'on') {
    throw new MigratorError('CONFIGURATION', {
      message: `standard_conforming_strings is off for user "${row.user}": the server would read backslashes in the migrations' literals as escapes.`,
      state: 'Nothing was changed.',
      remedy: 'ALTER ROLE ... SET standard_conforming_strings = on for the role that migrates.',
    });
  }
  return {
    dialect: 'postgresql',
    flavour,
    version: row.server_version,
    versionNumber: Number(row.version_number),
    database: row.database,
    user: row.user,
    readOnly: row.read_only,
    sqlMode: {},
  };
}
