/** `npm run servers`: all test servers for working by hand, until Ctrl-C. */
import { once } from 'node:events';
import { askBroker, type SharedServer } from './broker-client.js';
import { Broker } from './broker-process.js';
import { serverVariables, urlsFromEnvironment } from './environment.js';

async function main(): Promise<void> {
  const broker = new Broker();
  // Keeps the process alive as well: nothing else does while the broker works.
  const alive = setInterval(() => {}, 2 ** 30);
  const interrupted = Promise.race(
    ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)),
  );
  try {
    await broker.listen();
    await Promise.race([interrupted, start()]);
    process.stderr.write('Running until Ctrl-C. The lines above make a test run use these.\n');
    await interrupted;
  } finally {
    clearInterval(alive);
    await broker.end();
  }
}

async function start(): Promise<void> {
  await askBroker('provision');
  const names = Object.keys(serverVariables) as SharedServer[];
  const lines = await Promise.all(
    names.map(async (name) => {
      const urls = urlsFromEnvironment(name) ?? (await askBroker(name));
      return `export ${serverVariables[name]}='${urls.join(',')}'\n`;
    }),
  );
  process.stdout.write(lines.join(''));
}

void main();
