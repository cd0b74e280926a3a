import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../src/database/create-database.js';
import type { Database, Session } from '../../src/database/database.js';
import { databases, servers, type TestDatabase } from '../servers/index.js';

describe.each(databases)('sessions on $name', ({ server, dialect }) => {
  let test: TestDatabase;
  let database: Database;
  const sessions: Session[] = [];

  async function open(role: 'runner' | 'reader'): Promise<Session> {
    const session = await database.connect({ role, applicationName: 'nest-migrate:test' });
    sessions.push(session);
    return session;
  }

  beforeAll(async () => {
    test = await (await servers[server]()).createDatabase();
    database = createDatabase({ dialect, url: test.url });
  });

  afterAll(async () => {
    await Promise.all(sessions.map((session) => session.close()));
    await test.drop();
  });

  it.each(['runner', 'reader'] as const)(
    'a %s knows the server and sends statements',
    async (role) => {
      const session = await open(role);
      const parameter = dialect === 'mysql' ? '?' : '$1::text';
      const text = `it's \\ "x" ? \u{1F600}`;

      expect(session.server).toMatchObject({ dialect, readOnly: false, database: test.name });
      expect(session.server.versionNumber).toBeGreaterThan(
        100_000 * (dialect === 'mysql' ? 0.9 : 1),
      );
      expect(await session.query(`SELECT ${parameter} AS t`, [text])).toEqual([{ t: text }]);
      expect(session.lost.aborted).toBe(false);
    },
  );
});
