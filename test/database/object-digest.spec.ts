import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../src/database/create-database.js';
import type { Session } from '../../src/database/database.js';
import { objectDigest } from '../../src/database/object-digest.js';
import type { ObjectName } from '../../src/statements/statement.js';
import { servers, type TestDatabase } from '../servers/index.js';
import { rejection } from './canary.js';

function named(kind: ObjectName['kind'], name: string, table?: string): ObjectName {
  return {
    kind,
    schema: null,
    name,
    ...(table !== undefined && { table: { schema: null, name: table } }),
  };
}

describe.each(['mysql', 'mariadb'] as const)('the digest of objects on %s', (server) => {
  let test: TestDatabase;
  let session: Session;

  beforeAll(async () => {
    test = await (await servers[server]()).createDatabase();
    session = await createDatabase({ dialect: 'mysql', url: test.url }).connect({ role: 'runner' });
    await session.execute(
      `CREATE TABLE base (id int auto_increment primary key, n int, note varchar(20) DEFAULT 'it''s "x"' COMMENT 'a AUTO_INCREMENT=7')`,
    );
  });
  afterAll(async () => {
    await session.close();
    await test.drop();
  });

  /** Each row: objects, and a statement that changes them, run in this order. */
  const changes: ReadonlyArray<readonly [sql: string, ...objects: ObjectName[]]> = [
    ['CREATE TABLE made (id int)', named('table', 'made')],
    ['ALTER TABLE base ADD COLUMN c int', named('table', 'base')],
    ['ALTER TABLE base ADD COLUMN d int', named('column', 'd', 'base')],
    ['CREATE INDEX i ON base (n)', named('index', 'i', 'base')],
    [
      'ALTER TABLE base ADD CONSTRAINT positive CHECK (n > 0)',
      named('constraint', 'positive', 'base'),
    ],
    ["ALTER TABLE base COMMENT = 'new'", named('table', 'base')],
    ["ALTER TABLE base ALTER COLUMN note SET DEFAULT 'other'", named('table', 'base')],
    ['CREATE VIEW v AS SELECT id FROM base', named('view', 'v')],
    ['CREATE OR REPLACE VIEW v AS SELECT id, n FROM base', named('view', 'v')],
    [
      'CREATE TRIGGER tr BEFORE INSERT ON base FOR EACH ROW SET NEW.n = 1',
      named('trigger', 'tr', 'base'),
    ],
    ['CREATE PROCEDURE p() SELECT 1', named('procedure', 'p')],
    ['CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN 1', named('function', 'f')],
    ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1', named('event', 'e')],
    ['ALTER EVENT e DISABLE', named('event', 'e')],
    ['RENAME TABLE made TO renamed', named('table', 'made'), named('table', 'renamed')],
    ['DROP TRIGGER tr', named('trigger', 'tr', 'base')],
    ['DROP PROCEDURE p', named('procedure', 'p')],
    ['DROP FUNCTION f', named('function', 'f')],
    ['DROP EVENT e', named('event', 'e')],
    ['DROP VIEW v', named('view', 'v')],
    ['DROP INDEX i ON base', named('index', 'i', 'base')],
    ['DROP TABLE renamed', named('table', 'renamed')],
  ];

  it.each(changes)('changes with: %s', async (sql, ...objects) => {
    const before = await objectDigest(session, objects);
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(await objectDigest(session, [...objects].reverse())).toBe(before);
    await session.execute(sql);
    expect(await objectDigest(session, objects)).not.toBe(before);
  });

  it('does not change with rows, counters, statistics and the sql_mode of the session', async () => {
    await session.execute(`CREATE VIEW steady AS SELECT id, 'a "b"' AS x FROM base`);
    const objects = [named('table', 'base'), named('view', 'steady')];
    const before = await objectDigest(session, objects);
    await session.execute('INSERT INTO base (n) VALUES (5), (6)');
    await session.execute('ANALYZE TABLE base');
    expect(await objectDigest(session, objects)).toBe(before);
    await session.execute("SET SESSION sql_mode = 'ANSI_QUOTES'");
    expect(await objectDigest(session, objects)).toBe(before);
    await session.execute('SET SESSION sql_mode = DEFAULT');
  });

  it('knows databases, other schemas and views whose table is gone', async () => {
    const database = [named('database', test.name)];
    const before = await objectDigest(session, database);
    await session.execute('ALTER DATABASE CHARACTER SET ascii');
    expect(await objectDigest(session, database)).not.toBe(before);
    expect(await objectDigest(session, [named('schema', 'no_such_database')])).not.toBeNull();
    expect(
      await objectDigest(session, [{ kind: 'table', schema: 'no_such_database', name: 't' }]),
    ).not.toBeNull();
    await session.execute('CREATE TABLE gone (id int)');
    await session.execute('CREATE VIEW orphan AS SELECT id FROM gone');
    const orphan = [named('view', 'orphan')];
    await session.execute('DROP TABLE gone');
    expect(await objectDigest(session, orphan)).not.toBeNull();
  });

  it('cannot be had of what the server does not print', async () => {
    expect(await objectDigest(session, [])).toBeNull();
    expect(await objectDigest(session, [named('role', 'r')])).toBeNull();
    expect(await objectDigest(session, [named('table', 'base'), named('other', 'x')])).toBeNull();
  });

  it('does not wait for ever on a table that somebody is changing', async () => {
    const other = await createDatabase({ dialect: 'mysql', url: test.url }).connect({
      role: 'runner',
    });
    await other.query('LOCK TABLES base WRITE');
    const error = await rejection(
      objectDigest(session, [named('table', 'base')]).then((digest) => {
        // MariaDB and MySQL may print a table that is locked for writing: then that is the answer.
        throw Object.assign(new Error('answered'), {
          kind: digest === null ? 'none' : 'lock-timeout',
        });
      }),
    );
    expect(error).toMatchObject({ kind: 'lock-timeout' });
    await other.close();
  });
});
