import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { urlWith } from '../servers/database-server.js';

/** A way to a server that can fall silent: connections stay open, and nothing gets through any more. */
export interface SilentProxy {
  /** The server's URL by way of the proxy. */
  readonly url: string;
  /** Nothing gets through from now on; resolves when something for the server has been swallowed. */
  silence(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a proxy before the server of a URL. */
export async function silentProxy(url: string): Promise<SilentProxy> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let silent = false;
  let heard = (): void => undefined;
  const swallowed = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const proxy = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => {
        if (!silent) to.write(data);
        else if (from === near) heard();
      });
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: urlWith(url, { port: (proxy.address() as AddressInfo).port }),
    silence: () => {
      silent = true;
      return swallowed;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
