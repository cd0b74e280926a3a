/**
 * The process that owns the servers which a test run shares. It starts a server when the first spec asks for it, and ends when its
 * standard input closes: that happens however the test run ends, in order, by Ctrl-C or by kill -9.
 */
import { createServer, type Socket } from 'node:net';
import { type BrokerAnswer, brokerSocket, type SharedServer } from './broker-client.js';
import { provision } from './provision.js';
import { createRunDirectory, removeRunDirectory } from './run-directory.js';
import { SharedServers } from './shared-servers.js';

async function serve(): Promise<void> {
  const run = createRunDirectory();
  process.env['TEST_SERVERS_RUN'] = run;
  const shared = new SharedServers();
  process.stdin.once('close', () => {
    void shared.stop().finally(() => {
      removeRunDirectory(run);
      process.exit(0);
    });
  });
  process.stdin.resume();
  // Whoever interrupts the run interrupts its owner; the broker follows when the owner is gone.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

  await provision((line) => process.stderr.write(`${line}\n`));
  createServer({ allowHalfOpen: true }, (socket) => converse(shared, socket)).listen(
    brokerSocket(run),
    () => process.stdout.write(`${run}\n`), // tells the global setup where, and that all is ready
  );
}

/** One line names a server, the answer is one JSON document. */
function converse(shared: SharedServers, socket: Socket): void {
  let line = '';
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('data', (part: string) => {
    line += part;
    if (!line.endsWith('\n')) return;
    void answer(shared, line.trim() as SharedServer).then((reply) =>
      socket.end(JSON.stringify(reply)),
    );
  });
}

async function answer(shared: SharedServers, server: SharedServer): Promise<BrokerAnswer> {
  try {
    return { urls: await shared.urls(server) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

void serve();
