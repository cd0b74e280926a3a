/** `npm run servers`: all test servers for working by hand, until Ctrl-C. */
import type { SharedServer } from './broker-client.js';
import { serverVariables, urlsFromEnvironment } from './environment.js';
import { provision } from './provision.js';
import { createRunDirectory, removeRunDirectory } from './run-directory.js';
import { SharedServers } from './shared-servers.js';

async function main(): Promise<void> {
  const run = createRunDirectory();
  process.env['TEST_SERVERS_RUN'] = run;
  const shared = new SharedServers();
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve);
  });
  try {
    await provision((line) => process.stderr.write(`${line}\n`));
    const names = Object.keys(serverVariables) as SharedServer[];
    const lines = await Promise.all(
      names.map(async (name) => {
        const urls = urlsFromEnvironment(name) ?? (await shared.urls(name));
        return `export ${serverVariables[name]}='${urls.join(',')}'`;
      }),
    );
    process.stdout.write(`${lines.join('\n')}\n`);
    process.stderr.write('Running until Ctrl-C. The lines above make a test run use these.\n');
    // A pending promise alone does not keep the process alive.
    const alive = setInterval(() => {}, 2 ** 30);
    await interrupted;
    clearInterval(alive);
  } finally {
    await shared.stop();
    removeRunDirectory(run);
  }
}

void main();
