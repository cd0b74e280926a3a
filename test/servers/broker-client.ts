import { connect } from 'node:net';
import { join } from 'node:path';

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
  return ask(brokerSocket(run), server);
}

async function ask(path: string, server: SharedServer): Promise<readonly string[]> {
  const socket = connect(path).setEncoding('utf8');
  socket.write(`${server}\n`);
  let text = '';
  for await (const part of socket) text += String(part);
  if (text === '') throw new Error(`The server broker left without an answer for ${server}.`);
  const answer = JSON.parse(text) as BrokerAnswer;
  if ('urls' in answer) return answer.urls;
  throw new Error(`${server}: ${answer.error}`);
}
