import { expect, it } from '@jest/globals';
import { createDatabase } from '../../src/database/create-database.js';
import { mysqlBlockers } from '../../src/database/mysql/blockers.js';
import { mysqlSessionLock } from '../../src/lock/mysql/session-lock.js';
import type { Scope } from '../../src/lock/lock.js';
import { servers } from '../servers/index.js';

/** MySQL cannot turn such a statement into utf8mb3, and refuses every query of information_schema.processlist while it runs. */
it.each(['mysql', 'mariadb'] as const)(
  'on %s a running statement with a character of four bytes hides nobody',
  async (server) => {
    const admin = await (await servers[server]()).createDatabase();
    const database = createDatabase({ dialect: 'mysql', url: admin.url });
    const open = () =>
      database.connect({ role: 'runner', applicationName: 'nest-migrate:1:waiting' });
    const [holder, other, busy] = await Promise.all([open(), open(), open()]);
    try {
      const lock = mysqlSessionLock('😀' as Scope);
      expect(await lock.tryAcquire(holder)).toBe(true);
      await holder.query('create table t (id int)');
      await holder.query('start transaction');
      await holder.query('select * from t');
      const statement = busy.query("alter table t comment '😀'").catch(() => []);
      for (let seen = false; !seen;) {
        const processes = await other.query<{ State: string | null }>('show processlist');
        seen = processes.some(({ State }) => State === 'Waiting for table metadata lock');
      }
      expect(await lock.owner(other)).toMatchObject({ pid: holder.backendId });
      expect(await mysqlBlockers(other, busy.backendId)).toMatchObject([{ pid: holder.backendId }]);
      await holder.query('commit');
      await statement;
    } finally {
      await Promise.all([holder, other, busy].map((session) => session.close()));
      await admin.drop();
    }
  },
);
