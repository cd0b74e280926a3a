import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnection, type Connection } from 'mysql2/promise';
import pg from 'pg';
import {
  createMigrator,
  databaseSessions,
  type FleetProbe,
  type Migrator,
} from '../../src/index.js';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { databases, servers, type TestDatabase, type TestUser } from '../servers/index.js';

const USERS = { tag: '0000_users', sql: 'create table users (id int primary key, nick text);' };

describe.each(databases)('sessions that never registered, on $name', ({ server, dialect }) => {
  const mysql = dialect === 'mysql';
  let database: TestDatabase;
  let journal: WrittenJournal;
  let cron: TestUser;
  const migrators: Migrator[] = [];
  const goodbyes: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    database = await (await servers[server]()).createDatabase();
    cron = await database.createUser((name) =>
      mysql ? [`grant select on ${database.name}.* to ${name}`] : [],
    );
    journal = await writeJournal([USERS], { dialect });
    await migratorWith([]).up();
    await journal.add({ tag: '0001_drop', sql: 'alter table users drop column nick;' });
  });
  afterEach(async () => {
    await Promise.all(goodbyes.splice(0).map((goodbye) => goodbye()));
    await Promise.all(migrators.splice(0).map((migrator) => migrator.close()));
    await journal.remove();
    await cron.drop();
    await database.drop();
  });

  const migratorWith = (probes: readonly FleetProbe[]): Migrator => {
    const migrator = createMigrator({
      database: { dialect, url: database.url },
      migrations: journal.folder,
      fleet: { probes },
    });
    migrators.push(migrator);
    return migrator;
  };
  /** A client that calls itself by that name, until the test is over or it is told to go. */
  const connected = async (application: string, url: string): Promise<() => Promise<unknown>> => {
    let end: () => Promise<unknown>;
    if (mysql) {
      const attributes = { connectAttributes: { program_name: application } };
      const connection: Connection = await createConnection({ uri: url, ...attributes });
      end = () => connection.end();
    } else {
      const client = new pg.Client({ connectionString: url, application_name: application });
      await client.connect();
      end = () => client.end();
    }
    let gone: Promise<unknown> | null = null;
    const once = (): Promise<unknown> => (gone ??= end());
    goodbyes.push(once);
    return once;
  };

  it('hold a contract back by their role, until they are gone', async () => {
    const leave = await connected('nightly', cron.url);
    await connected('psql of somebody', database.url);
    const up = (): ReturnType<Migrator['up']> =>
      migratorWith([databaseSessions({ roles: [cron.name] })]).up();
    expect((await up()).deferred).toEqual([
      {
        tag: '0001_drop',
        waitsFor: [
          expect.stringMatching(new RegExp(`^session \\d+.*, role ${cron.name}: not registered$`)),
        ],
      },
    ]);
    await leave();
    expect((await up()).applied).toMatchObject([{ tag: '0001_drop' }]);
  });

  const named = (names: readonly string[]): FleetProbe =>
    databaseSessions({ applicationNames: names });
  const tellsNames = server !== 'mariadb';

  it('hold it back by the name that they give themselves, where the server tells names', async () => {
    const leave = await connected('legacy-api/1.2', database.url);
    const probe = named(['legacy-*', 'cron']);
    const outcome = await migratorWith([probe])
      .up()
      .then(
        ({ deferred }) => deferred[0]?.waitsFor[0],
        (error: { readonly code: string }) => error.code,
      );
    expect(outcome).toContain(tellsNames ? 'legacy-api/1.2' : 'REFUSED_FLEET');
    await leave();
    const said = { fleetConfirmed: !tellsNames };
    expect((await migratorWith([named(['other', 'legacy-'])]).up(said)).applied).toHaveLength(1);
  });
});

it('a probe that looks for nothing is refused', () => {
  expect(() => databaseSessions({})).toThrow(TypeError);
});
