/**
 * The process that owns the servers which a test run shares. It starts a server when the first spec asks for it, and ends when its
 * standard input closes: that happens however the test run ends, in order, by Ctrl-C or by kill -9.
 */
import { readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type BrokerAnswer, brokerSocket, type SharedServer } from './broker-client.js';
import { removeSharedMemory } from './postgres.js';
import { killProcessesIn } from './process.js';
import { SharedServers } from './shared-servers.js';

function serve(run: string): void {
  const shared = new SharedServers();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
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
  });
  server.listen(brokerSocket(run), () => process.stdout.write('listening\n'));

  const end = async (): Promise<void> => {
    await shared.stop();
    killProcessesIn(run);
    for (const entry of readdirSync(run)) removeSharedMemory(join(run, entry, 'data'));
    rmSync(run, { recursive: true, force: true, maxRetries: 10 });
    process.exit(0);
  };
  process.stdin.once('close', () => void end());
  process.stdin.resume();
  // Whoever interrupts the run interrupts its owner; the broker follows when the owner is gone.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
}

async function answer(shared: SharedServers, server: SharedServer): Promise<BrokerAnswer> {
  try {
    return { urls: await shared.urls(server) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

serve(process.argv[2] ?? process.cwd());
