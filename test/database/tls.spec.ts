import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../src/database/create-database.js';
import type { DatabaseOptions } from '../../src/options.js';
import { giveToServers } from '../servers/cache.js';
import { type ManagedServer, servers, startMySql, startPostgres } from '../servers/index.js';
import type { DatabaseServer, TestDatabase } from '../servers/database-server.js';
import { refusal } from './canary.js';

/** MySQL makes itself a certificate authority when it first starts; Postgres borrows from it. */
describe('TLS', () => {
  let mysql: ManagedServer & DatabaseServer;
  let postgres: ManagedServer & DatabaseServer;
  let mysqlTest: TestDatabase;
  let ca: string;

  beforeAll(async () => {
    mysql = await startMySql({ settings: { 'require-secure-transport': 'OFF' } });
    mysqlTest = await mysql.createDatabase();
    await mysql.query('SET GLOBAL require_secure_transport = ON');
    ca = readFileSync(join(mysql.directory, 'data', 'ca.pem'), 'utf8');
    postgres = await startPostgres();
    const folder = join(postgres.directory, 'tls');
    mkdirSync(folder);
    for (const file of ['server-cert.pem', 'server-key.pem']) {
      copyFileSync(join(mysql.directory, 'data', file), join(folder, file));
      giveToServers(join(folder, file));
    }
    giveToServers(folder);
    await postgres.query(`ALTER SYSTEM SET ssl_cert_file = '${folder}/server-cert.pem'`);
    await postgres.query(`ALTER SYSTEM SET ssl_key_file = '${folder}/server-key.pem'`);
    await postgres.query('ALTER SYSTEM SET ssl = on');
    await postgres.restart();
  });
  afterAll(async () => {
    await postgres.stop();
    await mysql.stop();
  });

  async function encrypted(options: DatabaseOptions): Promise<boolean> {
    const session = await createDatabase(options).connect({ role: 'runner' });
    const [row] = await session.query<{ tls: string }>(
      options.dialect === 'mysql'
        ? `SELECT if(variable_value = '', 'no', 'yes') AS tls FROM performance_schema.session_status WHERE variable_name = 'Ssl_version'`
        : `SELECT CASE WHEN ssl THEN 'yes' ELSE 'no' END AS tls FROM pg_stat_ssl WHERE pid = pg_backend_pid()`,
    );
    await session.close();
    return row?.tls === 'yes';
  }

  it('MySQL: by the driver object, with the authority given', async () => {
    const ssl = { ca };
    expect(await encrypted({ dialect: 'mysql', url: mysqlTest.url, connection: { ssl } })).toBe(
      true,
    );
    expect(ssl).toEqual({ ca }); // the driver wrote into its own copy
  });

  it('MySQL: by the URL', async () => {
    const url = `${mysqlTest.url}?ssl=${encodeURIComponent('{"rejectUnauthorized":false}')}`;
    expect(await encrypted({ dialect: 'mysql', url })).toBe(true);
  });

  it('MySQL: an unknown authority, or none at all where it is required, is a matter of configuration', async () => {
    expect(
      await refusal(
        'CONFIGURATION',
        encrypted({ dialect: 'mysql', url: mysqlTest.url, connection: { ssl: {} } }),
      ),
    ).toMatchObject({ code: 'CONFIGURATION' });
    expect(
      await refusal('CONFIGURATION', encrypted({ dialect: 'mysql', url: mysqlTest.url })),
    ).toMatchObject({ code: 'CONFIGURATION' });
  });

  it('Postgres: by the driver object, with the authority given', async () => {
    const ssl = { ca, checkServerIdentity: () => undefined };
    expect(await encrypted({ dialect: 'postgresql', url: postgres.url, connection: { ssl } })).toBe(
      true,
    );
  });

  it('Postgres: by the parameters of the URL', async () => {
    const options = { dialect: 'postgresql' } as const;
    expect(await encrypted({ ...options, url: `${postgres.url}?sslmode=no-verify` })).toBe(true);
    expect(await encrypted({ ...options, url: `${postgres.url}?sslmode=disable` })).toBe(false);
    expect(
      await refusal(
        'CONFIGURATION',
        encrypted({ ...options, url: `${postgres.url}?sslmode=verify-full` }),
      ),
    ).toMatchObject({ code: 'CONFIGURATION' });
    expect(
      await refusal(
        'CONFIGURATION',
        encrypted({ ...options, url: `${postgres.url}?sslrootcert=/not/there` }),
      ),
    ).toMatchObject({ code: 'CONFIGURATION' });
  });

  it('Postgres: a server without TLS is a matter of configuration', async () => {
    const { url } = await servers.postgres18();
    expect(
      await refusal(
        'CONFIGURATION',
        encrypted({ dialect: 'postgresql', url, connection: { ssl: true } }),
      ),
    ).toMatchObject({ code: 'CONFIGURATION' });
  });
});
