import { callPassword, isPasswordFunction } from '../call-password.js';
import { untilAborted } from '../connect-with-retry.js';
import type { ConnectionTarget } from '../connection-targets.js';
import type { ConnectOptions } from '../database.js';
import type { Mysql, MysqlConnection } from './driver.js';

const DEFAULT_APPLICATION_NAME = 'nest-migrate';

/**
 * Settings of the user's that are passed on: where, as whom, how. What changes how rows arrive is ours.
 * mysql2 complains on the console about names it does not know.
 */
const PASSED_ON = [
  'host',
  'port',
  'localAddress',
  'socketPath',
  'user',
  'password',
  'password1',
  'password2',
  'password3',
  'passwordSha1',
  'database',
  'ssl',
  'charset',
  'charsetNumber',
  'compress',
  'authPlugins',
  'authSwitchHandler',
  'insecureAuth',
  'enableCleartextPlugin',
  'stream',
];

/**
 * A connection that is being made. Listen for 'error' before anything else happens.
 * @param signal given up while the user's password function is still at work
 */
export async function createConnection(
  mysql: Mysql,
  target: ConnectionTarget,
  options: Pick<ConnectOptions, 'role' | 'applicationName'>,
  signal: AbortSignal,
): Promise<MysqlConnection> {
  const config: Record<string, unknown> = {};
  for (const name of PASSED_ON) {
    const value = target.settings[name];
    if (value !== undefined && value !== null) config[name] = value;
  }
  const { ssl, password } = config;
  // mysql2 takes no function here; node-postgres does, and IAM or Vault need one.
  if (isPasswordFunction(password)) {
    config['password'] = await untilAborted(signal, callPassword(password), () => {});
  }
  return mysql.createConnection({
    ...config,
    // A copy: mysql2 writes into the object it is given.
    ...(typeof ssl === 'object' && { ssl: { ...ssl } }),
    ...(options.role === 'runner' && {
      connectAttributes: { program_name: options.applicationName ?? DEFAULT_APPLICATION_NAME },
    }),
    // Ours is the only clock.
    connectTimeout: 0,
    enableKeepAlive: true,
    keepAliveInitialDelay: 30_000,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    // MariaDB says which columns hold JSON, MySQL has a type for it: text from both.
    jsonStrings: true,
    multipleStatements: false,
  });
}

/** Resolves when the server has let us in. */
export function handshake(connection: MysqlConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.on('connect', () => resolve());
    connection.on('error', (error) =>
      reject(error instanceof Error ? error : new Error('mysql2 failed', { cause: error })),
    );
  });
}
