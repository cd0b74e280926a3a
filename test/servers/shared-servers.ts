import type { SharedServer } from './broker-client.js';
import type { ManagedServer } from './managed-server.js';
import { startMariaDb } from './mariadb.js';
import { startMySql } from './mysql.js';
import { startPostgres } from './postgres.js';

interface Started {
  readonly urls: readonly string[];
  readonly owned: readonly ManagedServer[];
}

/** Servers started once, at the first request, and stopped together. */
export class SharedServers {
  private readonly started = new Map<SharedServer, Promise<Started>>();
  private stopping = false;

  /** The addresses of a server; starts it when it does not run yet. */
  async urls(server: SharedServer): Promise<readonly string[]> {
    if (this.stopping) throw new Error('the test run is ending');
    let starting = this.started.get(server);
    if (starting === undefined) {
      starting = this.start(server);
      this.started.set(server, starting);
    }
    return (await starting).urls;
  }

  /** Stops what was started here. */
  async stop(): Promise<void> {
    this.stopping = true;
    const all = await Promise.allSettled(this.started.values());
    await Promise.allSettled(
      all
        .flatMap((one) => (one.status === 'fulfilled' ? one.value.owned : []))
        .map((one) => one.stop()),
    );
  }

  private async start(server: SharedServer): Promise<Started> {
    switch (server) {
      case 'postgres18':
        return one(await startPostgres({ version: 18 }));
      case 'postgres15':
        return one(await startPostgres({ version: 15 }));
      case 'mysql':
        return one(await startMySql());
      case 'mariadb':
        return one(await startMariaDb());
      default:
        throw new Error(`no such server: ${server}`);
    }
  }
}

function one(server: ManagedServer & { readonly url: string }): Started {
  return { urls: [server.url], owned: [server] };
}
