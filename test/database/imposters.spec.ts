import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../src/database/create-database.js';
import { assertMysql, granteeOf, isOn, readVersion } from '../../src/database/mysql/server-info.js';
import { assertPostgres } from '../../src/database/postgres/server-info.js';
import type { MigratorError } from '../../src/errors.js';
import { servers, type TestDatabase } from '../servers/index.js';
import { refusal } from './canary.js';

describe('a server that only speaks the protocol', () => {
  let test: TestDatabase;

  beforeAll(async () => {
    test = await (await servers.postgres18()).createDatabase();
  });
  afterAll(() => test.drop());

  it('CockroachDB is refused by its version string, to runners and readers', async () => {
    await test.query(`
      CREATE SCHEMA fake;
      CREATE FUNCTION fake.version() RETURNS text LANGUAGE sql
        AS $$ SELECT 'CockroachDB CCL v24.1.0 (x86_64-pc-linux-gnu)'::text $$;
      ALTER DATABASE ${test.name} SET search_path = fake, pg_catalog, public`);
    for (const role of ['runner', 'reader'] as const) {
      const error = await refusal(
        'UNSUPPORTED_DIALECT',
        createDatabase({ dialect: 'postgresql', url: test.url }).connect({ role }),
      );
      expect(error.message).toContain('CockroachDB');
    }
  });

  it.each([
    ['PostgreSQL 18.4 on x86_64-pc-linux-gnu', null],
    ['PostgreSQL 15.2-YB-2.25.0.0-b0 on x86_64', 'YugabyteDB'],
    ['PostgreSQL 8.0.2 on i686, Redshift 1.0.12103', 'Amazon Redshift'],
    ['PostgreSQL 9.5 on Materialize v0.99', 'Materialize'],
  ])('%s is %s', (version, found) => {
    expect(refusalOf(() => assertPostgres(version))).toBe(found);
  });

  it.each([
    ['9.7.4', 'MySQL Community Server - GPL', null],
    ['10.11.19-MariaDB-0+deb12u1', 'Debian 12', null],
    ['8.0.36-28', 'Percona Server (GPL)', null],
    ['8.0.11-TiDB-v8.5.0', 'TiDB Server', 'TiDB'],
    ['8.0.30-Vitess', 'Version: 21.0.0', 'Vitess (PlanetScale)'],
    [
      '5.7.32',
      'SingleStoreDB source distribution (compatible; MySQL Enterprise & MySQL Commercial)',
      'SingleStore',
    ],
    ['5.7.25-OceanBase_CE-v4.3.0', '', 'OceanBase'],
    ['8.0.33', 'Dolt', 'Dolt'],
  ])('%s (%s) is %s', (version, comment, found) => {
    expect(refusalOf(() => assertMysql(version, comment))).toBe(found);
  });
});

/** What the server was found to be; null = let pass. */
function refusalOf(check: () => void): unknown {
  try {
    check();
    return null;
  } catch (error) {
    return (error as MigratorError).details['found'];
  }
}

describe('versions and settings of MySQL and MariaDB', () => {
  it.each([
    ['9.7.4', 'mysql', 90_704],
    ['8.0.36-28', 'mysql', 80_036],
    ['8.4.0-log', 'mysql', 80_400],
    ['10.11.19-MariaDB', 'mariadb', 101_119],
    ['5.5.5-10.6.16-MariaDB-log', 'mariadb', 100_616],
    ['11.8.2-MariaDB-ubu2404', 'mariadb', 110_802],
  ] as const)('%s', (version, flavour, versionNumber) => {
    expect(readVersion(version)).toEqual({ flavour, versionNumber });
  });

  it.each([
    ['app@%', "'app'@'%'"],
    ['a@b@10.0.0.1', "'a@b'@'10.0.0.1'"],
  ])('grantee of %s', (user, grantee) => expect(granteeOf(user)).toBe(grantee));

  it.each([
    ['0', false],
    ['OFF', false],
    [undefined, false],
    ['1', true],
    ['ON', true],
    ['NO_LOCK_NO_ADMIN', true],
  ])('read_only %s', (value, expected) => expect(isOn(value)).toBe(expected));
});

describe('standard_conforming_strings off', () => {
  it('is refused to the runner, and is no matter to a reader', async () => {
    const test = await (await servers.postgres18()).createDatabase();
    await test.query(`ALTER DATABASE ${test.name} SET standard_conforming_strings = off`);
    const database = createDatabase({ dialect: 'postgresql', url: test.url });
    const error = await refusal('CONFIGURATION', database.connect({ role: 'runner' }));
    expect(error.message).toContain('standard_conforming_strings');
    await (await database.connect({ role: 'reader' })).close();
    await test.drop();
  });
});
