import { connect } from 'node:net';
import type { Settings } from '../connection-url.js';

/** Postgres' SSLRequest: length 8, code 80877103. Source: PostgreSQL documentation, Message Formats. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * Whether the other end is a Postgres server: it answers an SSLRequest with one byte, `S` or `N`, and says nothing before.
 * mysql2 and Postgres otherwise wait for each other to greet until the time-out.
 */
export function answersAsPostgres(settings: Settings, signal: AbortSignal): Promise<boolean> {
  const { host = 'localhost', port = 3306, socketPath } = settings;
  return new Promise((resolve) => {
    const socket =
      typeof socketPath === 'string'
        ? connect({ path: socketPath, signal })
        : connect({ host: String(host), port: Number(port), signal });
    socket.once('connect', () => socket.write(SSL_REQUEST));
    socket.once('data', (data) => {
      resolve(data.length === 1 && (data[0] === 0x53 || data[0] === 0x4e));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
