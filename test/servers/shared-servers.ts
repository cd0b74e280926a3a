import type { SharedServer } from './broker-client.js';
import { urlsFromEnvironment } from './environment.js';
import type { ManagedServer } from './managed-server.js';
import { startMariaDb } from './mariadb.js';
import { startMySql } from './mysql.js';
import { type PoolMode, startPgBouncer } from './pgbouncer.js';
import { startPostgres } from './postgres.js';
import { startRedis } from './redis.js';

type Owned = ManagedServer & { readonly url: string };

/** Servers started once, at the first request, and stopped together. */
export class SharedServers {
  private readonly started = new Map<SharedServer, Promise<readonly Owned[]>>();
  private stopping = false;

  /** The addresses of a server; starts it when it does not run yet. */
  async urls(server: SharedServer): Promise<readonly string[]> {
    if (this.stopping) throw new Error('the test run is ending');
    let starting = this.started.get(server);
    if (starting === undefined) {
      starting = this.start(server);
      this.started.set(server, starting);
    }
    return (await starting).map(({ url }) => url);
  }

  /** Stops what was started here. */
  async stop(): Promise<void> {
    this.stopping = true;
    const all = await Promise.allSettled(this.started.values());
    const owned = all.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    await Promise.allSettled(owned.map((server) => server.stop()));
  }

  private async start(server: SharedServer): Promise<readonly Owned[]> {
    switch (server) {
      case 'postgres18':
        return [await startPostgres({ version: 18 })];
      case 'postgres15':
        return [await startPostgres({ version: 15 })];
      case 'mysql':
        return [await startMySql()];
      case 'mariadb':
        return [await startMariaDb()];
      case 'redis':
        return Promise.all([startRedis(), startRedis(), startRedis()]);
      case 'pgbouncer-transaction-postgres18':
        return this.pooler('transaction', 'postgres18');
      case 'pgbouncer-transaction-postgres15':
        return this.pooler('transaction', 'postgres15');
      case 'pgbouncer-session-postgres18':
        return this.pooler('session', 'postgres18');
      case 'pgbouncer-session-postgres15':
        return this.pooler('session', 'postgres15');
      default:
        throw new Error(`no such server: ${server satisfies never as string}`);
    }
  }

  private async pooler(
    mode: PoolMode,
    server: 'postgres18' | 'postgres15',
  ): Promise<readonly Owned[]> {
    const target = (urlsFromEnvironment(server) ?? (await this.urls(server)))[0];
    if (target === undefined) throw new Error(`${server} has no address`);
    return [await startPgBouncer({ mode, target })];
  }
}
