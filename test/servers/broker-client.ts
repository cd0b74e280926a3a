import { connect } from 'node:net';

/** The servers that a test run shares. */
export type SharedServer =
  | 'postgres18'
  | 'postgres15'
  | 'mysql'
  | 'mariadb'
  | 'redis'
  | `pgbouncer-${'transaction' | 'session'}-${'postgres18' | 'postgres15'}`;

/** `provision` fetches what the machine lacks; `present` asks for nothing but a broker that cleans up after the run. */
export type BrokerQuestion = SharedServer | 'provision' | 'present';

/** What the broker answers: one URL, three for Redis. */
export type BrokerAnswer = { readonly urls: readonly string[] } | { readonly error: string };

/** Asks the run's broker for a server, which starts it when nobody asked before. */
export async function askBroker(question: BrokerQuestion): Promise<readonly string[]> {
  const address = process.env['TEST_SERVERS_BROKER'];
  if (address === undefined) {
    throw new Error(
      'No test run owns shared servers here. Inside Jest the global setup provides them; elsewhere use startPostgres() and friends, or set the variables that "npm run servers" prints.',
    );
  }
  const socket = connect(address.replace('@', '\0')).setEncoding('utf8');
  socket.write(`${question}\n`);
  let text = '';
  for await (const part of socket) text += String(part);
  if (text === '') throw new Error(`The broker left without an answer for ${question}.`);
  const answer = JSON.parse(text) as BrokerAnswer;
  if ('urls' in answer) return answer.urls;
  throw new Error(`${question}: ${answer.error}`);
}
