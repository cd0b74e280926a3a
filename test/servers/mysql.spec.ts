import { beforeAll, describe, expect, it } from '@jest/globals';
import { type DatabaseServer, servers } from './index.js';

describe.each([
  ['mysql', /^9\./],
  ['mariadb', /^10\.11\..*MariaDB/],
] as const)('the shared server %s', (name, version) => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await servers[name]();
  });

  it('answers with its version', async () => {
    const [row] = await server.query<{ version: string }>('SELECT version() AS version');
    expect(row?.version).toMatch(version);
  });

  it('gives each test a database of its own', async () => {
    const one = await server.createDatabase();
    const other = await server.createDatabase();
    await one.query('CREATE TABLE mine (id int)');
    const seen = await other.query("SHOW TABLES LIKE 'mine'");
    await Promise.all([one.drop(), other.drop()]);
    expect(seen).toEqual([]);
  });

  it('gives a user what was granted to it and no more', async () => {
    const database = await server.createDatabase();
    await database.query('CREATE TABLE a (id int); CREATE TABLE b (id int)');
    const user = await database.createUser((to) => [`GRANT SELECT ON ${database.name}.a TO ${to}`]);
    const granted = await database.query(
      'SELECT table_name AS name, privilege_type AS privilege FROM information_schema.table_privileges WHERE grantee LIKE ?',
      [`%${user.name}%`],
    );
    await user.drop();
    await database.drop();
    expect(granted).toEqual([{ name: 'a', privilege: 'SELECT' }]);
  });
});
