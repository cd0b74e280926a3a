import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { readDrizzleConfig, tls } from '../../src/cli/configuration/drizzle-config.js';

describe('ssl, as drizzle-kit maps it', () => {
  it.each([
    ['require', 'db.example', { rejectUnauthorized: false }],
    ['allow', 'db.example', { rejectUnauthorized: false }],
    ['prefer', 'localhost', { rejectUnauthorized: false }],
    ['verify-full', 'localhost', {}],
    [true, 'localhost', true],
    [false, 'db.example', false],
    [{ ca: 'CA' }, 'localhost', { ca: 'CA' }],
    [undefined, 'db.example', {}],
    [undefined, '10.0.0.5', {}],
    [undefined, 'localhost', undefined],
    [undefined, '127.0.0.1', undefined],
    [undefined, '::1', undefined],
    [undefined, 'postgres', undefined],
    [undefined, '/var/run/postgresql', undefined],
    [undefined, undefined, undefined],
  ])('%j on %s is %j', (ssl, host, expected) => {
    expect(tls(ssl, 'postgresql', host)).toEqual(expected);
  });

  it('MySQL takes it as it stands: a profile name or an object', () => {
    expect(tls('Amazon RDS', 'mysql', 'db.example')).toBe('Amazon RDS');
    expect(tls(undefined, 'mysql', 'db.example')).toBeUndefined();
  });
});

describe('credentials', () => {
  const credentialsOf = (content: object) =>
    readDrizzleConfig({ dialect: 'postgresql', ...content }, 'f').credentials;

  it.each([
    [
      'a PGlite folder',
      { driver: 'pglite', dbCredentials: { url: 'file:./data' } },
      { connection: { driver: 'pglite', dataDir: './data' } },
    ],
    [
      'a URL and TLS beside it',
      { dbCredentials: { url: 'postgres://h/d', ssl: 'require' } },
      { url: 'postgres://h/d', connection: { ssl: { rejectUnauthorized: false } } },
    ],
    [
      'the fewest fields',
      { dbCredentials: { host: 'localhost', database: 'd' } },
      { connection: { host: 'localhost', database: 'd' } },
    ],
  ])('%s', (_name, content, expected) => {
    expect(credentialsOf(content)).toEqual(expected);
  });

  it('a password function is kept', () => {
    const password = async (): Promise<string> => 'token';
    expect(credentialsOf({ dbCredentials: { host: 'db', database: 'd', password } })).toEqual({
      connection: { host: 'db', database: 'd', password },
    });
  });

  it('fields that have nothing to do with migrating are not looked at', () => {
    const config = readDrizzleConfig(
      {
        dialect: 'mysql',
        schema: 7,
        casing: 'snake_case',
        strict: true,
        dbCredentials: { url: 'mysql://h/d' },
      },
      'f',
    );
    expect(config).toEqual({
      dialect: 'mysql',
      out: 'drizzle',
      migrationsTable: undefined,
      migrationsSchema: undefined,
      credentials: { url: 'mysql://h/d' },
      hasHalfOfCredentials: false,
    });
  });
});

describe('content that cannot be used is a named error', () => {
  const SECRET = 'c4n4ry';
  const fields = { host: 'h', database: 'd' };
  const postgres = { dialect: 'postgresql' };

  it.each([
    ['no object', SECRET, 'CONFIGURATION'],
    ['a dialect nobody knows', { dialect: SECRET }, 'CONFIGURATION'],
    ['sqlite', { dialect: 'sqlite', dbCredentials: { url: SECRET } }, 'UNSUPPORTED_DIALECT'],
    ['turso', { dialect: 'turso' }, 'UNSUPPORTED_DIALECT'],
    ['singlestore', { dialect: 'singlestore' }, 'UNSUPPORTED_DIALECT'],
    ['gel', { dialect: 'gel' }, 'UNSUPPORTED_DIALECT'],
    ['mssql', { dialect: 'mssql' }, 'UNSUPPORTED_DIALECT'],
    ['cockroach', { dialect: 'cockroach' }, 'UNSUPPORTED_DIALECT'],
    ['aws-data-api', { ...postgres, driver: 'aws-data-api' }, 'UNSUPPORTED_DIALECT'],
    ['credentials that are no object', { ...postgres, dbCredentials: SECRET }, 'CONFIGURATION'],
    ['a URL that is none', { ...postgres, dbCredentials: { url: [SECRET] } }, 'CONFIGURATION'],
    [
      'a port that is none',
      { ...postgres, dbCredentials: { ...fields, port: SECRET } },
      'CONFIGURATION',
    ],
    [
      'a password that is none',
      { ...postgres, dbCredentials: { ...fields, password: [SECRET] } },
      'CONFIGURATION',
    ],
    ['migrations that are no object', { ...postgres, migrations: SECRET }, 'CONFIGURATION'],
  ])('%s', (_name, content, code) => {
    const error = thrownBy(() => readDrizzleConfig(content, 'the-file'));
    expect(error).toMatchObject({ code, place: { file: 'the-file' } });
    expect(inspect(error)).not.toContain(SECRET);
  });

  it.each([
    ['no credentials', {}],
    ['a variable that is not set', { dbCredentials: { url: undefined } }],
    ['an empty variable', { dbCredentials: { url: '' } }],
    ['neither URL nor host', { dbCredentials: { user: 'me' } }],
    ['a host without database', { dbCredentials: { host: 'h' } }],
    ['PGlite without a folder', { driver: 'pglite', dbCredentials: {} }],
  ])('%s is an error only for those who need the credentials', (_name, content) => {
    const { credentials } = readDrizzleConfig({ ...postgres, ...content }, 'the-file');
    expect(credentials).toMatchObject({ code: 'CONFIGURATION', place: { file: 'the-file' } });
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
