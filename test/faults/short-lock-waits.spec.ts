import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../src/database/create-database.js';
import type { Session } from '../../src/database/database.js';
import { renameColumn, tightenNotNull } from '../../src/index.js';
import { migratorWorld, type MigratorWorld } from '../migrator/migrator-world.js';
import { databases } from '../servers/index.js';

const CUT = '\n--> statement-breakpoint\n';
/** What scheduling may add on a machine that does something else as well, in milliseconds. */
const SLACK_MS = 700;

/** Issue 3: while a long transaction holds the table, nobody waits for the DDL that waits for it any longer than its lock time-out. */
describe.each(databases)(
  'a table that a long transaction holds, on $name',
  ({ server, dialect }) => {
    let world: MigratorWorld;
    const sessions: Session[] = [];
    afterEach(async () => {
      await Promise.all(sessions.splice(0).map((session) => session.close()));
      await world.close();
    });

    const text = 'varchar(100)';
    const notNull =
      dialect === 'mysql'
        ? 'ALTER TABLE users MODIFY COLUMN visits int NOT NULL'
        : 'ALTER TABLE users ALTER COLUMN visits SET NOT NULL';
    const lockTimeoutMs = dialect === 'mysql' ? 1000 : 500;
    const operations = [
      renameColumn('full-name', { table: 'users', from: 'name', to: 'full_name' }),
      tightenNotNull('visits', { table: 'users', column: 'visits', repair: { visits: '0' } }),
    ];
    const migrations = [
      {
        tag: '0000_init',
        sql: `CREATE TABLE users (id int PRIMARY KEY, name ${text} NOT NULL, visits int)${CUT}INSERT INTO users VALUES (1, 'Ada', 1)`,
      },
      { tag: '0001_plain', sql: 'ALTER TABLE users ADD COLUMN more int' },
      {
        tag: '0002_expand',
        sql: `-- @operation full-name expand\nALTER TABLE users ADD COLUMN full_name ${text}`,
      },
      {
        tag: '0003_rows',
        sql: `SELECT 1${CUT}-- @operation full-name backfill\n-- @operation full-name verify\n`,
      },
      {
        tag: '0004_contract',
        sql: `-- @operation full-name contract\nALTER TABLE users DROP COLUMN name`,
      },
      {
        tag: '0005_not_null',
        sql: `-- @operation visits expand\n-- @operation visits backfill\n-- @operation visits verify\n-- @operation visits contract\n${notNull}`,
      },
      { tag: '0006_online', sql: '-- @online\nCREATE INDEX users_visits ON users (visits)' },
    ];

    const open = async (): Promise<Session> => {
      const session = await createDatabase({ dialect, url: world.database.url }).connect({
        role: 'runner',
      });
      sessions.push(session);
      // A runner's session gives up by itself as soon as the DDL does; these are an application's.
      await session.query(
        dialect === 'mysql' ? 'SET SESSION lock_wait_timeout = 60' : `SET lock_timeout = '60s'`,
      );
      return session;
    };

    it.each(['0001_plain', '0002_expand', '0004_contract', '0005_not_null', '0006_online'])(
      '%s keeps a reader waiting for its lock time-out at most',
      async (tag) => {
        world = await migratorWorld(server, migrations);
        const migrator = world.migrator({ operations, lockTimeoutMs });
        const before = migrations[migrations.findIndex((one) => one.tag === tag) - 1]?.tag;
        if (before !== undefined) for (const to of ['0000_init', before]) await migrator.up({ to });

        const holder = await open();
        const hold = async (): Promise<void> => {
          await holder.query('START TRANSACTION');
          await holder.query('SELECT count(*) FROM users');
        };
        await hold();
        const reader = await open();
        let longest = 0;
        let over = false;
        const probing = (async () => {
          while (!over) {
            const began = performance.now();
            await reader.query('SELECT id FROM users');
            longest = Math.max(longest, performance.now() - began);
            await pause(5);
          }
        })();
        const began = performance.now();
        const done = migrator.up({ to: tag }).finally(() => (over = true));
        done.catch(() => undefined);
        // Held for several tries of whatever comes first; then everything that follows meets a short transaction again and again.
        while (performance.now() - began < 4 * lockTimeoutMs) await pause(20);
        await holder.query('COMMIT');
        while (!over) {
          await hold();
          await pause(50);
          await holder.query('COMMIT');
          await pause(50);
        }
        await done;
        await probing;
        expect(longest).toBeLessThan(lockTimeoutMs + SLACK_MS);
        const { counts } = await migrator.status();
        expect(counts.pending).toBe(
          migrations.length - 1 - migrations.findIndex((one) => one.tag === tag),
        );
      },
    );
  },
);
