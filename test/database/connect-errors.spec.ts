import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../src/database/create-database.js';
import type { Session } from '../../src/database/database.js';
import type { MigratorError } from '../../src/errors.js';
import type { DatabaseOptions } from '../../src/options.js';
import {
  databases,
  servers,
  startMySql,
  startPostgres,
  type TestDatabase,
} from '../servers/index.js';
import { urlWith } from '../servers/database-server.js';
import { CANARY, refusal } from './canary.js';

const roles = ['runner', 'reader'] as const;

async function connect(options: DatabaseOptions, role: 'runner' | 'reader', extra: object = {}) {
  const session = await createDatabase(options).connect({ role, ...extra });
  await session.close();
}

describe.each(databases)('connecting to $name', ({ server, dialect }) => {
  let test: TestDatabase;

  beforeAll(async () => {
    test = await (await servers[server]()).createDatabase();
  });
  afterAll(() => test.drop());

  it.each(roles)('a %s with a wrong password is told so', async (role) => {
    const url = urlWith(test.url, { password: CANARY });
    const error = await refusal('CREDENTIALS', connect({ dialect, url }, role));
    expect(error.driver?.code).toBe(dialect === 'mysql' ? 'ER_ACCESS_DENIED_ERROR' : '28P01');
    expect(error.exitCode).toBe(64);
  });

  it('a password function that fails is a matter of credentials', async () => {
    const url = urlWith(test.url, { password: '' });
    const failing = () => Promise.reject(new Error(CANARY));
    const empty = () => Promise.resolve(undefined);
    for (const password of [failing, empty]) {
      const error = await refusal(
        'CREDENTIALS',
        connect({ dialect, url, connection: { password } }, 'runner'),
      );
      expect(error.message).toContain('connection.password');
    }
  });

  it('a password function that hangs ends with the connect time-out', async () => {
    const url = urlWith(test.url, { password: '' });
    const connection = { password: () => new Promise<string>(() => {}) };
    const started = performance.now();
    const hanging = connect({ dialect, url, connection }, 'runner', { connectTimeoutMs: 100 });
    expect(await refusal('UNREACHABLE', hanging)).toMatchObject({ code: 'UNREACHABLE' });
    expect(performance.now() - started).toBeLessThan(3000);
  });

  it('a password may come from an async function, for every connection anew', async () => {
    const user = await test.createUser((name) =>
      dialect === 'mysql' ? [`GRANT SELECT ON ${test.name}.* TO ${name}`] : [],
    );
    let calls = 0;
    const password = async () => {
      calls += 1;
      return user.password;
    };
    const url = urlWith(user.url, { password: '' });
    const database = createDatabase({ dialect, url, connection: { password } });
    for (const role of roles) await (await database.connect({ role })).close();
    expect(calls).toBe(2);
    await user.drop();
  });

  it.each(roles)('a %s is told when the database does not exist', async (role) => {
    const url = urlWith(test.url, { database: 'not_there' });
    const error = await refusal('DATABASE_MISSING', connect({ dialect, url }, role));
    expect(error.message).toContain('not_there');
  });

  it('a password with special characters works when encoded', async () => {
    const password = `a@b/c#d?e%f:g[h]"' \\\u00fc`;
    const user = await test.createUser((name) => [
      dialect === 'mysql'
        ? `ALTER USER ${name} IDENTIFIED BY '${password.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
        : `ALTER ROLE ${name} PASSWORD '${password.replaceAll("'", "''")}'`,
      ...(dialect === 'mysql' ? [`GRANT SELECT ON ${test.name}.* TO ${name}`] : []),
    ]);
    const { host } = new URL(test.url);
    const url = `${dialect}://${user.name}:${encodeURIComponent(password)}@${host}/${test.name}`;
    const session = await createDatabase({ dialect, url }).connect({ role: 'runner' });
    expect(session.server.user).toContain(user.name);
    await session.close();
    await user.drop();
  });

  it('a session that may not write says so', async () => {
    const settings =
      dialect === 'mysql'
        ? [] // see "a read-only server" below: MySQL has no such setting of a login
        : [`?options=${encodeURIComponent('-c default_transaction_read_only=on')}`];
    const found = [];
    for (const suffix of ['', ...settings]) {
      const database = createDatabase({ dialect, url: test.url + suffix });
      const session = await database.connect({ role: 'runner' });
      found.push(session.server.readOnly);
      await session.close();
    }
    expect(found).toEqual([false, ...settings.map(() => true)]);
  });

  it('the other driver is told that it speaks to the wrong server', async () => {
    const other = dialect === 'mysql' ? 'postgresql' : 'mysql';
    const url = new URL(test.url);
    const error = await refusal(
      'WRONG_DIALECT',
      connect(
        { dialect: other, url: `${other}://app:${CANARY}@${url.host}/${test.name}` },
        'runner',
      ),
    );
    expect(error.message).toContain(other);
  });
});

describe('a server that is not there', () => {
  const dialects = ['postgresql', 'mysql'] as const;
  let silent: Server;
  let silentPort: number;
  let closedPort: number;

  beforeAll(async () => {
    silent = createServer((socket) => socket.on('error', () => {}));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    silentPort = portOf(silent);
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    closedPort = portOf(gone);
    gone.close();
    await once(gone, 'close');
  });
  afterAll(() => {
    silent.close();
  });

  it.each(dialects)(
    '%s: refused connections and unknown hosts are unreachable at once',
    async (dialect) => {
      for (const role of roles) {
        const refused = await refusal(
          'UNREACHABLE',
          connect({ dialect, url: `${dialect}://app:${CANARY}@127.0.0.1:${closedPort}/d` }, role),
        );
        expect(refused.driver?.code).toBe('ECONNREFUSED');
        expect(refused.exitCode).toBe(6);
      }
      const unknown = await refusal(
        'UNREACHABLE',
        connect({ dialect, url: `${dialect}://app:${CANARY}@no-such-host.invalid/d` }, 'runner'),
      );
      expect(unknown.driver?.code).toMatch(/ENOTFOUND|EAI_AGAIN/);
    },
  );

  it.each(dialects)('%s: silence ends with the connect time-out', async (dialect) => {
    const url = `${dialect}://app:${CANARY}@127.0.0.1:${silentPort}/d`;
    const started = performance.now();
    const error = await refusal(
      'UNREACHABLE',
      connect({ dialect, url }, 'runner', { connectTimeoutMs: 200 }),
    );
    expect(error.message).toContain('200 ms');
    expect(performance.now() - started).toBeLessThan(2000);
    expect(await refusal('UNREACHABLE', connect({ dialect, url }, 'reader'))).toMatchObject({
      code: 'UNREACHABLE',
    });
  });

  it.each(dialects)('%s: the caller may give up', async (dialect) => {
    const url = `${dialect}://app:${CANARY}@127.0.0.1:${silentPort}/d`;
    const giveUp = new AbortController();
    const connecting = connect({ dialect, url }, 'runner', { signal: giveUp.signal });
    setImmediate(() => giveUp.abort(new Error('enough')));
    await expect(connecting).rejects.toThrow('enough');
  });

  function portOf(server: Server): number {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }
});

describe('a server that is full', () => {
  it('Postgres: a runner waits until there is room, a reader is told at once', async () => {
    const server = await startPostgres({
      settings: {
        max_connections: '6',
        superuser_reserved_connections: '0',
        reserved_connections: '0',
      },
    });
    try {
      expect(await turnedAwayThenLetIn('postgresql', server.url)).toBe('53300');
    } finally {
      await server.stop();
    }
  });

  it('MySQL: a runner waits until there is room, a reader is told at once', async () => {
    const server = await startMySql({ settings: { 'max-connections': '2' } });
    try {
      const database = await server.createDatabase();
      const user = await database.createUser((name) => [
        `GRANT ALL ON ${database.name}.* TO ${name}`,
      ]);
      expect(await turnedAwayThenLetIn('mysql', user.url)).toBe('ER_CON_COUNT_ERROR');
    } finally {
      await server.stop();
    }
  });

  async function turnedAwayThenLetIn(dialect: 'postgresql' | 'mysql', url: string) {
    const database = createDatabase({ dialect, url });
    const sessions: Session[] = [];
    let full: unknown;
    while (full === undefined && sessions.length < 20) {
      await database.connect({ role: 'reader', connectTimeoutMs: 5000 }).then(
        (session) => sessions.push(session),
        (error: unknown) => {
          full = error;
        },
      );
    }
    expect(full).toMatchObject({ code: 'UNREACHABLE' });
    expect(
      await refusal('UNREACHABLE', database.connect({ role: 'runner', connectTimeoutMs: 300 })),
    ).toMatchObject({ code: 'UNREACHABLE' });

    const waiting = database.connect({ role: 'runner' });
    await sessions.pop()?.close();
    sessions.push(await waiting);
    await Promise.all(sessions.map((session) => session.close()));
    return (full as MigratorError).driver?.code;
  }
});

describe('a read-only server', () => {
  it('MySQL: binds whoever lacks the privilege to ignore it', async () => {
    const server = await startMySql({ settings: { 'read-only': 'ON' } });
    try {
      const database = await server.createDatabase();
      const user = await database.createUser((name) => [
        `GRANT ALL ON ${database.name}.* TO ${name}`,
      ]);
      expect(await readOnly(user.url)).toBe(true);
      expect(await readOnly(database.url)).toBe(false);
      await server.query('SET GLOBAL super_read_only = ON');
      expect(await readOnly(database.url)).toBe(true);
    } finally {
      await server.stop();
    }
  });

  async function readOnly(url: string): Promise<boolean> {
    const session = await createDatabase({ dialect: 'mysql', url }).connect({ role: 'runner' });
    await session.close();
    return session.server.readOnly;
  }
});
