import { expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import {
  type DatabaseServer,
  type ManagedServer,
  startMariaDb,
  startMySql,
  startPostgres,
  startRedis,
} from './index.js';
import { processesIn } from './process-table.js';

const starters: readonly (readonly [string, () => Promise<ManagedServer & DatabaseServer>])[] = [
  ['Postgres 18', () => startPostgres()],
  ['Postgres 15', () => startPostgres({ version: 15 })],
  ['MySQL 9.7', () => startMySql()],
  ['MariaDB 10.11', () => startMariaDb()],
];

it.each(starters)(
  '%s: killed it is gone, restarted it has its data, stopped it leaves nothing',
  async (_name, start) => {
    const server = await start();
    try {
      const database = await server.createDatabase();
      await database.query('CREATE TABLE t (id int)');
      await database.query('INSERT INTO t VALUES (7)');
      const { pid } = server;

      await server.kill('SIGKILL');
      expect(processesIn(server.directory)).toEqual([]);
      await expect(server.query('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });

      await server.restart();
      expect(server.pid).not.toBe(pid);
      expect(await database.query('SELECT id FROM t')).toEqual([{ id: 7 }]);
    } finally {
      await server.stop();
    }
    expect(processesIn(server.directory)).toEqual([]);
    expect(existsSync(server.directory)).toBe(false);
  },
);

it('a paused server answers nobody until it is resumed', async () => {
  const server = await startPostgres();
  try {
    server.pause();
    const order: string[] = [];
    const answer = server.query('SELECT 1').then(() => order.push('answered'));
    // A paused process stays in this state; only then does "no answer yet" mean anything.
    expect(server.states()).toEqual(server.states().map(() => 'T'));
    order.push('resumed');
    server.resume();
    await answer;
    expect(order).toEqual(['resumed', 'answered']);
  } finally {
    await server.stop();
  }
});

it('a paused server can be stopped', async () => {
  const server = await startPostgres();
  server.pause();
  await server.stop();
  expect(processesIn(server.directory)).toEqual([]);
});

it('a restarted Redis has forgotten everything, as a lock must expect', async () => {
  const { Redis } = await import('ioredis');
  const server = await startRedis();
  const client = new Redis(server.url, { lazyConnect: true, retryStrategy: () => 20 });
  client.on('error', () => {}); // the restart is the point
  try {
    await client.set('key', 'value');
    await server.restart();
    expect(await client.get('key')).toBeNull();
  } finally {
    client.disconnect();
    await server.stop();
  }
});
