import { MigratorError } from '../../errors.js';
import { callPassword, isPasswordFunction } from '../call-password.js';
import type { ConnectionTarget } from '../connection-targets.js';
import type { ConnectOptions } from '../database.js';
import { driverFacts } from '../driver-facts.js';
import type { Pg, PgClient } from './driver.js';

/** Settings of the user's that are passed on. Time-outs and pool sizes are not: migrations take as long as they take, and readers send no startup parameters. */
const PASSED_ON = [
  'host',
  'port',
  'user',
  'password',
  'database',
  'ssl',
  'sslnegotiation',
  'enableChannelBinding',
  'scramMaxIterations',
  'options',
  'client_encoding',
  'stream',
];

/** A client that is not yet connected, with a listener for errors: without one an 'error' ends the process. */
export function createClient(
  pg: Pg,
  target: ConnectionTarget,
  role: ConnectOptions['role'],
  onError: (error: unknown) => void,
): PgClient {
  const config: Record<string, unknown> = {};
  for (const name of PASSED_ON) {
    const value = target.settings[name];
    if (value !== undefined && value !== null) config[name] = value;
  }
  const { password } = config;
  const tls = tlsOf(pg, target);
  const client = new pg.Client({
    ...config,
    // A copy: node-postgres hides the key on the object it is given.
    ...(tls !== undefined && { ssl: typeof tls === 'object' ? { ...tls } : tls }),
    ...(isPasswordFunction(password) && { password: () => callPassword(password) }),
    keepAlive: role === 'runner',
    // What is sent without waiting for an answer costs no round trip. Poolers need not understand it: readers do without.
    pipeline: role === 'runner',
    // Anything else here would be a startup parameter, which poolers refuse.
    statement_timeout: false,
    lock_timeout: false,
    idle_in_transaction_session_timeout: false,
  });
  client.on('error', onError);
  return client;
}

/** The `ssl` setting that counts; undefined = nothing is said of TLS. @throws {MigratorError} `CONFIGURATION` */
export function tlsOf(pg: Pg, { settings, url }: ConnectionTarget): unknown {
  return settings['ssl'] ?? tlsOfUrl(pg, url);
}

/** `sslmode`, `sslrootcert`, ... as node-postgres itself reads them, so that a URL means the same to us as to the application. */
function tlsOfUrl(pg: Pg, url: string | null): unknown {
  if (url === null || !/[?&](ssl|uselibpqcompat)/i.test(url)) return undefined;
  try {
    return new pg.Client({ connectionString: url }).ssl;
  } catch (error) {
    const { code } = driverFacts(error);
    throw new MigratorError('CONFIGURATION', {
      message: `The TLS parameters of the URL cannot be used${code === undefined ? '' : ` (${code})`}.`,
      remedy: 'Check sslmode, and that the files of sslrootcert, sslcert and sslkey can be read.',
      cause: error,
    });
  }
}
