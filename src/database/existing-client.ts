import { MigratorError } from '../errors.js';
import type { Dialect } from './database.js';
import type { Settings } from './connection-url.js';

/** What is known of a client that the user passed in. */
export type ExistingClient =
  | {
      readonly driver: 'pg' | 'mysql2';
      readonly settings: Settings;
      /** What the user's pool does with each new connection (`SET search_path`, ...); takes the driver's client. */
      readonly onConnect: ((client: unknown) => Promise<void>) | null;
    }
  | { readonly driver: 'pglite'; readonly instance: unknown };

/** drizzle-orm marks its classes with it; `instanceof` fails across ESM and CommonJS copies. */
const ENTITY_KIND = Symbol.for('drizzle:entityKind');

/**
 * Recognises a pg pool or client, a mysql2 pool or connection (callback or promise), a PGlite instance, or a Drizzle database on one of these,
 * by structure. We take its settings and open sessions of our own, so that an exhausted pool, or one of size 1, does not matter.
 * @throws {MigratorError} `CONFIGURATION` when no settings can be taken from it, `WRONG_DIALECT`
 */
export function readExistingClient(dialect: Dialect, given: unknown): ExistingClient {
  const drizzleKind = entityKind(given);
  const client = fields(fields(given)?.['$client'] ?? given);
  if (client === null) throw notUsable(drizzleKind);
  if (drizzleKind !== null && fields(given)?.['$client'] === undefined) {
    // A transaction, or a mock: there is no connection of its own to take settings from.
    throw notUsable(drizzleKind);
  }
  const found = recognise(client);
  if (found === null) throw notUsable(drizzleKind);
  if ((found.driver === 'mysql2') !== (dialect === 'mysql')) {
    throw new MigratorError('WRONG_DIALECT', {
      message: `The client is one of ${found.driver}, but the dialect is ${dialect}.`,
      state: 'Nothing was connected to and nothing was changed.',
      remedy: `Set dialect to ${found.driver === 'mysql2' ? "'mysql'" : "'postgresql'"}, or pass another client.`,
    });
  }
  return found;
}

type Fields = Readonly<Record<string, unknown>>;

function recognise(client: Fields): ExistingClient | null {
  if (isFunction(client['exec']) && isFunction(client['query']) && 'waitReady' in client) {
    return { driver: 'pglite', instance: client };
  }
  return recognisePg(client) ?? recogniseMysql(client);
}

function recognisePg(client: Fields): ExistingClient | null {
  const pool = fields(client['options']);
  if (pool !== null && isFunction(client['connect']) && 'totalCount' in client) {
    return { driver: 'pg', settings: withHidden(pool), onConnect: connectHooks(client, 'connect') };
  }
  const parameters = fields(client['connectionParameters']);
  if (parameters !== null && isFunction(client['connect'])) {
    return { driver: 'pg', settings: withHidden(parameters), onConnect: null };
  }
  return null;
}

function recogniseMysql(client: Fields): ExistingClient | null {
  // The promise variants wrap the callback ones: PromisePool.pool, PromiseConnection.connection.
  const core = fields(client['pool']) ?? fields(client['connection']) ?? client;
  const config = fields(core['config']);
  if (config === null || !isFunction(core['query'])) return null;
  const ofPool = fields(config['connectionConfig']);
  if (ofPool !== null) {
    return {
      driver: 'mysql2',
      settings: withHidden(ofPool),
      onConnect: connectHooks(core, 'connection'),
    };
  }
  return 'charsetNumber' in config
    ? { driver: 'mysql2', settings: withHidden(config), onConnect: null }
    : null;
}

/** pg keeps the password out of `Object.keys`, so that a logged pool does not show it. */
function withHidden(settings: Fields): Settings {
  const password = settings['password'];
  return { ...settings, ...(password !== undefined && password !== null && { password }) };
}

/** The user's listeners for new connections, and pg-pool's `onConnect` option. */
function connectHooks(
  pool: Fields,
  event: 'connect' | 'connection',
): ((client: unknown) => Promise<void>) | null {
  const option = fields(pool['options'])?.['onConnect'];
  const listeners = pool['listeners'];
  const hooks: unknown[] = isFunction(listeners) ? (listeners.call(pool, event) as unknown[]) : [];
  const all = [option, ...hooks].filter(isFunction);
  if (all.length === 0) return null;
  return async (client) => {
    for (const hook of all) {
      const outcome = hook.call(pool, client);
      // Only a promise is waited for: what mysql2's callback form returns has a `then` that throws.
      if (outcome instanceof Promise) await outcome;
    }
  };
}

function notUsable(kind: string | null): MigratorError {
  const what = kind === null ? 'The client' : `The client (Drizzle's ${kind})`;
  return new MigratorError('CONFIGURATION', {
    message: `${what} holds no connection settings that can be read. Known are pools and clients of pg and mysql2, PGlite, and Drizzle databases made with one of these (not a transaction).`,
    state: 'Nothing was connected to and nothing was changed.',
    remedy: 'Give database.url (or database.connection) instead of database.client.',
    ...(kind !== null && { details: { client: kind } }),
  });
}

function entityKind(value: unknown): string | null {
  const constructor = fields(value)?.['constructor'];
  if (!isFunction(constructor) || !Object.hasOwn(constructor, ENTITY_KIND)) return null;
  const kind = (constructor as unknown as Record<symbol, unknown>)[ENTITY_KIND];
  return typeof kind === 'string' ? kind : null;
}

function fields(value: unknown): Fields | null {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? (value as Fields)
    : null;
}

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function';
}
