import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { createDatabase } from '../../src/database/create-database.js';
import { parseConnectionUrl } from '../../src/database/connection-url.js';
import type { DatabaseOptions } from '../../src/options.js';
import { CANARY, refusal } from './canary.js';

const postgres: ReadonlyArray<readonly [url: string, settings: object]> = [
  [
    'postgres://app:secret@db.example:5433/orders',
    { host: 'db.example', port: 5433, user: 'app', password: 'secret', database: 'orders' },
  ],
  ['postgresql://app@db/orders', { host: 'db', user: 'app', database: 'orders' }],
  [
    'postgres://a:p%40%2F%23%3F%25%3A@h/d',
    { host: 'h', user: 'a', password: 'p@/#?%:', database: 'd' },
  ],
  // The last @ counts, as for pg and mysql2.
  ['postgres://a:p@ss@h/d', { host: 'h', user: 'a', password: 'p@ss', database: 'd' }],
  ['postgres://a:50%@h/d', { host: 'h', user: 'a', password: '50%', database: 'd' }],
  ['postgres://a:p w@h/d', { host: 'h', user: 'a', password: 'p w', database: 'd' }],
  [
    'postgres://a:b@[::1]:5432/d',
    { host: '::1', port: 5432, user: 'a', password: 'b', database: 'd' },
  ],
  [
    'postgres://a:b@/d?host=/run/pg&port=5439',
    { host: '/run/pg', port: 5439, user: 'a', password: 'b', database: 'd' },
  ],
  ['postgres:///d?host=/run/pg', { host: '/run/pg', database: 'd' }],
  ['postgres://a:b@%2Frun%2Fpg/d', { host: '/run/pg', user: 'a', password: 'b', database: 'd' }],
  [
    'postgres://a:b@h/d%20e?sslmode=require&statement_timeout=5',
    { host: 'h', user: 'a', password: 'b', database: 'd e' },
  ],
  ['postgres://a:b@h/d?user=x@y', { host: 'h', user: 'x@y', password: 'b', database: 'd' }],
];

const mysql: ReadonlyArray<readonly [url: string, settings: object]> = [
  [
    'mysql://root:a%40b@h:3307/d',
    { host: 'h', port: 3307, user: 'root', password: 'a@b', database: 'd' },
  ],
  ['mariadb://root@h/d', { host: 'h', user: 'root', database: 'd' }],
  [
    'mysql://root@h/d?ssl={"rejectUnauthorized":true}&connectionLimit=1&charset=utf8mb4',
    {
      host: 'h',
      user: 'root',
      database: 'd',
      ssl: { rejectUnauthorized: true },
      charset: 'utf8mb4',
    },
  ],
  [
    'mysql://root@h/d?ssl=Amazon RDS',
    { host: 'h', user: 'root', database: 'd', ssl: 'Amazon RDS' },
  ],
];

describe('a connection URL', () => {
  it.each(postgres)('%s', (url, settings) => {
    expect(parseConnectionUrl('postgresql', url, 'url')).toEqual({ driver: 'pg', settings });
  });

  it.each(mysql)('%s', (url, settings) => {
    expect(parseConnectionUrl('mysql', url, 'url')).toEqual({ driver: 'mysql2', settings });
  });

  it.each([
    ['pglite://./data', './data'],
    ['pglite:///var/data', '/var/data'],
    ['pglite:data', 'data'],
    ['pglite://', 'memory://'],
    ['memory://', 'memory://'],
  ])('%s is PGlite in %s', (url, dataDir) => {
    expect(parseConnectionUrl('postgresql', url, 'url')).toEqual({ driver: 'pglite', dataDir });
  });

  it.each(['/', '#', '?', '/#?', '@/', '1/'])(
    'with %s unencoded in the password is refused, and the password not shown',
    async (character) => {
      for (const dialect of ['postgresql', 'mysql'] as const) {
        const url = `${dialect}://app:${CANARY}${character}${CANARY}@db.example/orders`;
        const error = await refused({ dialect, url }, 'CONFIGURATION');
        expect(error.remedy).toContain('Percent-encode');
      }
    },
  );

  it.each(['db.example', '', '   ', 'host=h user=u', 'postgres', 'DATABASE_URL'])(
    'that is none is refused: "%s"',
    async (url) => {
      expect(await refused({ dialect: 'postgresql', url }, 'CONFIGURATION')).toMatchObject({
        code: 'CONFIGURATION',
      });
    },
  );

  it.each([
    ['mysql', `postgres://a:${CANARY}@h/d`],
    ['postgresql', `mysql://a:${CANARY}@h/d`],
  ] as const)('of the other dialect is refused under %s', async (dialect, url) => {
    expect(await refused({ dialect, url }, 'WRONG_DIALECT')).toMatchObject({
      code: 'WRONG_DIALECT',
    });
  });

  it.each([
    ['file:./local.db', 'SQLite'],
    ['sqlite://local.db', 'SQLite'],
    [`libsql://db.turso.io?authToken=${CANARY}`, 'Turso'],
    [`https://${CANARY}@aws.connect.psdb.cloud`, 'HTTP'],
    [`mssql://a:${CANARY}@h/d`, 'SQL Server'],
    [`singlestore://a:${CANARY}@h/d`, 'SingleStore'],
    [`cockroachdb://a:${CANARY}@h/d`, 'CockroachDB'],
  ])('%s is refused by name', async (url, name) => {
    const error = await refused({ dialect: 'postgresql', url }, 'UNSUPPORTED_DIALECT');
    expect(error.message).toContain(name);
  });
});

describe('database options', () => {
  it.each(['sqlite', 'turso', 'singlestore', 'mssql', 'cockroach', 'gel'])(
    'refuse the dialect %s by name',
    async (dialect) => {
      expect(
        await refused({ dialect: dialect as 'mysql', url: 'file:x' }, 'UNSUPPORTED_DIALECT'),
      ).toMatchObject({ code: 'UNSUPPORTED_DIALECT' });
    },
  );

  it.each([
    ['postgres', 'postgresql'],
    ['mariadb', 'mysql'],
  ])('say how the dialect %s is called', async (dialect, meant) => {
    const error = await refused({ dialect: dialect as 'mysql', url: 'x://' }, 'CONFIGURATION');
    expect(error.remedy).toContain(`'${meant}'`);
  });

  it('that name no database are refused', async () => {
    expect(await refused({ dialect: 'mysql' }, 'CONFIGURATION')).toMatchObject({
      code: 'CONFIGURATION',
    });
    expect(
      await refused({ dialect: 'mysql', url: undefined as unknown as string }, 'CONFIGURATION'),
    ).toMatchObject({ code: 'CONFIGURATION' });
    expect(
      await refused({ dialect: 'mysql', url: 42 as unknown as string }, 'CONFIGURATION'),
    ).toMatchObject({ code: 'CONFIGURATION' });
  });

  it('are labelled without credentials, and the value shows none', () => {
    const database = createDatabase({
      dialect: 'postgresql',
      url: `postgres://app:${CANARY}@db.example:5433/orders`,
    });
    expect(database.label).toBe('db.example:5433/orders');
    expect(inspect(database, { depth: 9, showHidden: true })).not.toContain('cAnArY');
  });

  it('connection is merged over the URL', () => {
    const { label } = createDatabase({
      dialect: 'mysql',
      url: 'mysql://app:x@db.example/orders',
      connection: { host: 'other', port: 3310 },
    });
    expect(label).toBe('other:3310/orders');
  });
});

async function refused(options: DatabaseOptions, code: Parameters<typeof refusal>[0]) {
  return refusal(
    code,
    Promise.resolve().then(() => createDatabase(options)),
  );
}
