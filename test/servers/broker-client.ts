import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** The servers that a test run shares. */
export type SharedServer =
  | 'postgres18'
  | 'postgres15'
  | 'mysql'
  | 'mariadb'
  | 'redis'
  | `pgbouncer-${'transaction' | 'session'}-${'postgres18' | 'postgres15'}`;

/** What the broker answers: one URL, three for Redis. */
export type BrokerAnswer = { readonly urls: readonly string[] } | { readonly error: string };

/** Where the broker of a run listens. */
export function brokerSocket(runDirectory: string): string {
  return join(runDirectory, 'broker.sock');
}

/** Asks the run's broker for a server, which starts it when nobody asked before. */
export function askBroker(server: SharedServer): Promise<readonly string[]> {
  const run = process.env['TEST_SERVERS_RUN'];
  if (run === undefined) {
    throw new Error(
      `No test run owns shared servers here. Inside Jest the global setup provides them; elsewhere use startPostgres() and friends, or set the variables that "npm run servers" prints.`,
    );
  }
  return ask(brokerSocket(run), server, performance.now() + 30_000);
}

async function ask(
  path: string,
  server: SharedServer,
  deadline: number,
): Promise<readonly string[]> {
  const socket = await connectTo(path);
  if (socket === undefined) {
    if (performance.now() > deadline) throw new Error(`The server broker of this run is gone.`);
    await setTimeout(20); // the broker is still loading; the deadline is there to fail
    return ask(path, server, deadline);
  }
  socket.setEncoding('utf8').write(`${server}\n`);
  let text = '';
  for await (const part of socket) text += String(part);
  if (text === '') throw new Error(`The server broker left without an answer for ${server}.`);
  const answer = JSON.parse(text) as BrokerAnswer;
  if ('urls' in answer) return answer.urls;
  throw new Error(`${server}: ${answer.error}`);
}

function connectTo(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('error', () => resolve(undefined));
    socket.once('connect', () => resolve(socket));
  });
}
