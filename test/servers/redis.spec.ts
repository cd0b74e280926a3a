import { expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { servers } from './index.js';

it('three Redis servers answer, each with data of its own', async () => {
  const clients = (await servers.redis()).map((url) => new Redis(url));
  try {
    await clients[0]?.set('three-servers', 'first');
    const versions = await Promise.all(clients.map((client) => client.info('server')));
    const seen = await Promise.all(clients.map((client) => client.get('three-servers')));
    expect(versions).toEqual(clients.map(() => expect.stringMatching(/redis_version:[78]\./)));
    expect(seen).toEqual(['first', null, null]);
  } finally {
    for (const client of clients) client.disconnect();
  }
});
