import { expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { serverVariables } from './environment.js';

/** Every server but Redis is named by the environment, so that only Redis has to start. */
const elsewhere = Object.fromEntries(
  Object.values(serverVariables).map((name) => [name, `postgresql://db.example/${name}`]),
);

it('npm run servers prints the variables of a test run and serves until it is interrupted', async () => {
  const jiti = dirname(createRequire(import.meta.url).resolve('jiti/package.json'));
  const running = spawn(
    process.execPath,
    [join(jiti, 'lib/jiti-cli.mjs'), fileURLToPath(new URL('./main.ts', import.meta.url))],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, ...elsewhere, TEST_REDIS_URLS: '', NODE_OPTIONS: '' },
    },
  );
  const [printed] = (await once(running.stdout.setEncoding('utf8'), 'data')) as [string];
  const variables = new Map(
    [...printed.matchAll(/^export (\w+)='([^']*)'$/gm)].map(([, name, value]) => [name, value]),
  );
  const client = new Redis(variables.get('TEST_REDIS_URLS')?.split(',')[2] ?? '', {
    retryStrategy: () => null,
  });
  try {
    expect(new Set(variables.keys())).toEqual(new Set(Object.values(serverVariables)));
    expect(variables.get('TEST_MYSQL_URL')).toBe(elsewhere['TEST_MYSQL_URL']);
    expect(await client.ping()).toBe('PONG');
  } finally {
    const gone = once(running, 'exit');
    const closed = once(client, 'end');
    running.kill('SIGINT');
    await gone;
    await closed; // the server left with the command
  }
  expect(running.exitCode).toBe(0);
});
