import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Settings } from './connection-url.js';

/** Postgres' SSLRequest: length 8, code 80877103. Source: PostgreSQL documentation, Message Formats. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
/** Length (3 bytes), packet number 0, then the protocol version, 10 since MySQL 3.21. Source: MySQL, Protocol::Handshake. */
const MYSQL_PROTOCOL_VERSION = 10;

/**
 * Whether the other end is a Postgres server: it answers an SSLRequest with one byte, `S` or `N`, and says nothing before.
 * mysql2 and Postgres otherwise wait for each other to greet until the time-out.
 */
export function answersAsPostgres(settings: Settings, signal: AbortSignal): Promise<boolean> {
  return firstBytes(
    settings,
    signal,
    (socket) => socket.write(SSL_REQUEST),
    (data) => data.length === 1 && (data[0] === 0x53 || data[0] === 0x4e),
  );
}

/**
 * Whether the other end is a MySQL or MariaDB server: it greets first. node-postgres reads the greeting as whatever message its first byte happens to be,
 * and then often reports no more than a connection that ended.
 */
export function answersAsMysql(settings: Settings, signal: AbortSignal): Promise<boolean> {
  return firstBytes(
    settings,
    signal,
    () => {},
    (data) => data[3] === 0 && data[4] === MYSQL_PROTOCOL_VERSION,
  );
}

function firstBytes(
  settings: Settings,
  signal: AbortSignal,
  onConnect: (socket: Socket) => void,
  recognises: (data: Buffer) => boolean,
): Promise<boolean> {
  const { host = 'localhost', port, socketPath } = settings;
  return new Promise((resolve) => {
    const socket =
      typeof socketPath === 'string'
        ? connect({ path: socketPath, signal })
        : connect({ host: String(host), port: Number(port), signal });
    socket.once('connect', () => onConnect(socket));
    socket.once('data', (data) => {
      resolve(recognises(data));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
