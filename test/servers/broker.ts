/**
 * The process that owns the servers which a test run shares. A question is a line of standard input: a server's name, which starts it at the
 * first time. Standard input closes when the test run ends, however it ends; then the servers stop.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { BrokerAnswer, BrokerQuestion } from './broker-client.js';
import { provision } from './provision.js';
import { createRunDirectory, removeRunDirectory } from './run-directory.js';
import { SharedServers } from './shared-servers.js';

function serve(run: string, stamp: string): void {
  createRunDirectory(run);
  const shared = new SharedServers();
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const question = line as BrokerQuestion;
      void answer(question, shared, stamp).then((reply) =>
        process.stdout.write(`${JSON.stringify({ question, ...reply })}\n`),
      );
    })
    .once('close', () => {
      void shared.stop().finally(() => {
        removeRunDirectory(run);
        process.exit(0);
      });
    });
  process.stdout.on('error', () => {}); // the run is gone; the end of standard input does the rest
  // Whoever interrupts the run interrupts its owner; the broker follows when the owner is gone.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
}

async function answer(
  question: BrokerQuestion,
  shared: SharedServers,
  stamp: string,
): Promise<BrokerAnswer> {
  try {
    if (question === 'present') return { urls: [] };
    if (question !== 'provision') return { urls: await shared.urls(question) };
    const paths = await provision((line) => process.stderr.write(`${line}\n`));
    if (paths !== undefined) {
      mkdirSync(dirname(stamp), { recursive: true });
      writeFileSync(stamp, JSON.stringify(paths));
    }
    return { urls: [] };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

const [run, stamp] = [process.env['TEST_SERVERS_RUN'], process.argv[2]];
if (run === undefined || stamp === undefined)
  throw new Error('The broker is started by broker-process.js.');
serve(run, stamp);
