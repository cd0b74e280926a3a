import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * Jest loads this file outside its transforms, hence JavaScript. It starts the broker, and no server: those start when a spec asks.
 * The broker lives in a session of its own, so that Ctrl-C in a terminal reaches it only through the end of this process.
 */
export default async function globalSetup() {
  const broker = spawn(
    process.execPath,
    ['--import', 'jiti/register', fileURLToPath(new URL('broker.ts', import.meta.url))],
    {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
  broker.stdin.on('error', () => {}); // it left first; the specs that need it say so
  for await (const line of createInterface({ input: broker.stdout })) {
    process.env.TEST_SERVERS_RUN = line;
    globalThis.testServersBroker = broker;
    break;
  }
  if (globalThis.testServersBroker !== broker) {
    throw new Error('The broker of the test servers did not start; its own output says why.');
  }
  for (const handle of [broker, broker.stdin, broker.stdout]) handle.unref();
}
