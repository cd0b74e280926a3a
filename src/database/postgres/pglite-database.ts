import { connectError } from '../connect-error.js';
import type { ConnectOptions, Database, Session } from '../database.js';
import { pgliteLabel } from '../connection-targets.js';
import { loadPackage } from '../load-package.js';
import { SessionLife } from '../session-life.js';
import { PgliteSession } from './pglite-session.js';
import type { Pglite } from './pglite-session.js';
import { SERVER_INFO_COLUMNS, serverInfo } from './server-info.js';
import type { ServerInfoRow } from './server-info.js';

/** PGlite inside this process: the user's instance, or a directory that is opened with the first session and closed by `close()`. */
export function pgliteDatabase(given: {
  readonly instance: unknown;
  readonly dataDir: string | null;
}): Database {
  const label = pgliteLabel(given);
  let own: Promise<Pglite> | null = null;
  const instance = async (): Promise<Pglite> => {
    if (given.instance !== null) return given.instance as Pglite;
    own ??= openDirectory(given.dataDir ?? 'memory://');
    return own;
  };
  return {
    dialect: 'postgresql',
    label,
    connect: async (options) => connect(await instance(), label, options),
    close: async () => {
      const opened = await own?.catch(() => null);
      own = null;
      if (opened !== undefined && opened !== null && opened.closed !== true) await opened.close();
    },
  };
}

/** No time-out of ours: the first boot takes seconds and happens on this thread. */
async function connect(instance: Pglite, label: string, options: ConnectOptions): Promise<Session> {
  options.signal?.throwIfAborted();
  try {
    await instance.waitReady;
    const result = await instance.query(`SELECT ${SERVER_INFO_COLUMNS}`, [], {});
    const server = serverInfo(result.rows[0] as ServerInfoRow, 'pglite', options.role);
    return new PgliteSession(instance, server, new SessionLife(label));
  } catch (error) {
    throw connectError(error, {
      dialect: 'postgresql',
      label,
      role: options.role,
      user: null,
      database: null,
    });
  }
}

async function openDirectory(dataDir: string): Promise<Pglite> {
  const { PGlite } = await loadPackage<{ PGlite: new (dataDir: string) => Pglite }>(
    '@electric-sql/pglite',
    () => import('@electric-sql/pglite'),
  );
  const opened = new PGlite(dataDir);
  await opened.waitReady;
  return opened;
}
