import { beforeAll, describe, expect, it } from '@jest/globals';
import { type DatabaseServer, servers } from './index.js';

describe.each([
  ['postgres18', 18],
  ['postgres15', 15],
] as const)('the shared server %s', (name, major) => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await servers[name]();
  });

  it('answers with its version', async () => {
    const [row] = await server.query<{ server_version: string }>('SHOW server_version');
    expect(row?.server_version).toMatch(new RegExp(`^${major}\\.`));
  });

  it('gives each test a database of its own', async () => {
    const one = await server.createDatabase();
    const other = await server.createDatabase();
    await one.query('CREATE TABLE mine (id int)');
    const seen = await other.query("SELECT 1 FROM pg_class WHERE relname = 'mine'");
    await Promise.all([one.drop(), other.drop()]);
    expect(seen).toEqual([]);
  });

  it('gives a user what was granted to it and no more', async () => {
    const database = await server.createDatabase();
    await database.query('CREATE TABLE a (id int); CREATE TABLE b (id int)');
    const user = await database.createUser((to) => [`GRANT SELECT ON a TO ${to}`]);
    const [row] = await database.query(
      "SELECT has_table_privilege($1, 'a', 'SELECT') AS a, has_table_privilege($1, 'b', 'SELECT') AS b",
      [user.name],
    );
    await user.drop();
    await database.drop();
    expect(row).toEqual({ a: true, b: false });
  });
});
