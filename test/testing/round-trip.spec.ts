import { afterEach, describe, expect, it } from '@jest/globals';
import { expectRoundTrip } from '../../src/testing/index.js';
import { walkBackAndForth, type Walk } from '../../src/testing/round-trip/walk.js';
import { schemaLines } from '../../src/testing/schema/describe-schema.js';
import { withTestSession } from '../../src/testing/server/test-server.js';
import { dumpSchema } from '../journals/schema-dump.js';
import {
  writeJournal,
  type JournalMigration,
  type WrittenJournal,
} from '../journals/write-journal.js';
import { servers, type TestDatabase } from '../servers/index.js';

let journal: WrittenJournal;
afterEach(() => journal?.remove());

interface TwoWay {
  readonly tag: string;
  readonly sql: string;
  readonly down: string;
}

/** The walk over statements alone, by hand: what `up` and `down` do is tested where they are. */
function walkOver(
  steps: readonly TwoWay[],
  dialect: 'postgresql' | 'mysql',
  database: TestDatabase,
): Walk {
  const location = {
    schema: dialect === 'postgresql' ? 'drizzle' : null,
    table: '__drizzle_migrations',
  };
  let applied = 0;
  return {
    async up(to) {
      for (; steps[applied - 1]?.tag !== to; applied += 1)
        await database.query(steps[applied]?.sql ?? '');
    },
    async down(to) {
      const reverted: string[] = [];
      for (; applied > 0 && steps[applied - 1]?.tag !== to; applied -= 1) {
        await database.query(steps[applied - 1]?.down ?? '');
        reverted.push(steps[applied - 1]?.tag ?? '');
      }
      return reverted;
    },
    describe: () =>
      withTestSession(dialect, database.url, (session) => schemaLines(session, location)),
    seed: () => Promise.resolve(),
  };
}

const USERS: TwoWay = {
  tag: '0000_users',
  sql: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(20) NOT NULL)',
  down: 'DROP TABLE users',
};
const EMAIL: TwoWay = {
  tag: '0001_email',
  sql: 'ALTER TABLE users ADD COLUMN email varchar(99), ADD CONSTRAINT email_once UNIQUE (email)',
  down: 'ALTER TABLE users DROP COLUMN email',
};

describe.each([
  ['postgres18', 'postgresql'],
  ['mysql', 'mysql'],
] as const)('up, down and up again on %s', (server, dialect) => {
  let database: TestDatabase;
  afterEach(() => database?.drop());
  const walk = async (...steps: readonly TwoWay[]) => {
    database = await (await servers[server]()).createDatabase();
    return walkBackAndForth(
      steps.map(({ tag }) => ({ tag, noWayBack: tag === '0002_seeds' ? 'it says so' : null })),
      walkOver(steps, dialect, database),
    );
  };

  it('passes where each way back is one, and lists what has none', async () => {
    const seeds = { tag: '0002_seeds', sql: `INSERT INTO users VALUES (1, 'Ada', NULL)`, down: '' };
    expect(await walk(USERS, EMAIL, seeds)).toEqual({
      checked: ['0000_users', '0001_email'],
      skipped: [{ tag: '0002_seeds', reason: 'it says so' }],
    });
  });

  it('fails where an object is left over, is gone that was there, or comes back as another', async () => {
    const kept = { ...EMAIL, down: 'ALTER TABLE users DROP CONSTRAINT email_once' };
    await expect(walk(USERS, kept)).rejects.toMatchObject({
      code: 'ERR_ASSERTION',
      message: expect.stringMatching(
        /^0001_email: its down file does not lead back to the schema of 0000_users[^]*\+ .*email/,
      ),
    });
    await database.drop();
    const tooMuch = { ...EMAIL, down: `${EMAIL.down}, DROP COLUMN name` };
    await expect(walk(USERS, tooMuch)).rejects.toMatchObject({
      message: expect.stringMatching(/- .*name.*not null/i),
      expected: expect.stringMatching(/name/),
    });
    await database.drop();
    const loose = {
      ...EMAIL,
      down: `${EMAIL.down}, ${dialect === 'mysql' ? 'MODIFY name varchar(20)' : 'ALTER COLUMN name DROP NOT NULL'}`,
    };
    const { message } = (await walk(USERS, loose).catch((error: unknown) => error)) as Error;
    expect(message).toMatch(/- .*name.*not null/i);
    expect(message).toMatch(/\+ .*name/i);
  });

  it('holds a column that is dropped and added again for the same, which a dump does not', async () => {
    const middle = {
      tag: '0001_drop',
      sql: 'ALTER TABLE users DROP COLUMN name',
      down: 'ALTER TABLE users ADD COLUMN name varchar(20) NOT NULL',
    };
    const age = {
      ...USERS,
      sql: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(20) NOT NULL, age int)',
    };
    expect(await walk(age, middle)).toMatchObject({ checked: ['0000_users', '0001_drop'] });
    await database.query(middle.down);
    const reordered = await dumpSchema(database.url);
    await database.query('DROP TABLE users');
    await database.query(age.sql);
    expect(await dumpSchema(database.url)).not.toBe(reordered);
  });
});

it('names the migrations without a way back before anything is made, where every one is asked for', async () => {
  const { url } = await servers.postgres18();
  journal = await writeJournal([
    { tag: '0000_users', sql: USERS.sql, down: USERS.down },
    { tag: '0001_email', sql: EMAIL.sql },
    { tag: '0002_drop', sql: '-- @irreversible rows are gone\nDROP TABLE users;' },
  ]);
  await expect(
    expectRoundTrip({ url, migrations: journal.folder, everyMigration: true }),
  ).rejects.toMatchObject({
    code: 'ERR_ASSERTION',
    message:
      '2 of 3 migrations have no way back:\n  0001_email: it has no down file\n  0002_drop: irreversible: rows are gone',
    actual: ['0001_email', '0002_drop'],
  });
});

describe.each(['postgres18', 'mysql'] as const)(
  'expectRoundTrip with the migrator’s own down on %s',
  (server) => {
    const folder = async (...migrations: readonly JournalMigration[]) => {
      journal = await writeJournal(migrations, {
        dialect: server === 'mysql' ? 'mysql' : 'postgresql',
      });
      const { url } = await servers[server]();
      return { url, migrations: journal.folder };
    };
    const contract = {
      tag: '0002_drop',
      sql: 'ALTER TABLE users DROP COLUMN email;',
      down: `${EMAIL.sql};`,
    };

    it('passes, contracts included, and lists what has no way back', async () => {
      const options = await folder(USERS, EMAIL, contract, {
        tag: '0003_more',
        sql: 'CREATE TABLE more (id int PRIMARY KEY);',
      });
      expect(await expectRoundTrip(options)).toEqual({
        checked: ['0000_users', '0001_email', '0002_drop'],
        skipped: [{ tag: '0003_more', reason: 'it has no down file' }],
      });
    });

    it('fails at a down file that leaves something over', async () => {
      const options = await folder(USERS, { ...EMAIL, down: 'select 1;' });
      await expect(expectRoundTrip(options)).rejects.toMatchObject({
        code: 'ERR_ASSERTION',
        message: expect.stringMatching(
          /^0001_email: its down file does not lead back[^]*\+ .*email/,
        ),
      });
    });

    it('meets the rows that seed puts in', async () => {
      const narrow = {
        tag: '0001_age',
        sql: 'ALTER TABLE users ADD COLUMN age int;',
        down: `ALTER TABLE users DROP COLUMN age; --> statement-breakpoint\nALTER TABLE users ADD CONSTRAINT nobody CHECK (id < 0);`,
      };
      const options = await folder(USERS, narrow);
      const seen: string[] = [];
      await expect(
        expectRoundTrip({
          ...options,
          seed: async ({ query, next, applied }) => {
            seen.push(`${applied} -> ${next}`);
            if (applied !== null) await query(`INSERT INTO users (id, name) VALUES (1, 'Ada')`);
          },
        }),
      ).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
      expect(seen).toEqual(['null -> 0000_users', '0000_users -> 0001_age']);
    });
  },
);
