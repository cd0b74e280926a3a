import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { urlWith } from '../servers/database-server.js';

/** Where a connection is cut: before the first message with this text gets through, or when its answer was heard and the next is sent. */
export interface Cut {
  readonly when: 'before' | 'behind';
  readonly sql: string;
}

/** A way to a server that cuts one connection at an exact place of what is said on it. */
export interface CuttingProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a proxy before the server of a URL. */
export async function cuttingProxy(url: string, { when, sql }: Cut): Promise<CuttingProxy> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let isCut = false;
  const proxy = createServer((near) => {
    const far = connect(Number(port), hostname);
    let isSaid = false;
    const cut = (): void => {
      isCut = true;
      near.destroy();
      far.destroy();
    };
    near.on('data', (data) => {
      if (isSaid) return cut();
      isSaid = !isCut && data.includes(sql);
      if (isSaid && when === 'before') cut();
      else far.write(data);
    });
    far.on('data', (data) => near.write(data));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('close', () => other.destroy());
      one.on('error', () => other.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: urlWith(url, { port: (proxy.address() as AddressInfo).port }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
