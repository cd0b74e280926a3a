import { describe, expect, it } from '@jest/globals';
import { renameColumn } from '../../src/index.js';
import { migratorWorld } from '../migrator/migrator-world.js';
import { backupWorld, dumped, USERS } from './backup-world.js';

describe.each(dumped)('on $name', (on) => {
  it('a contract that goes on where it stopped makes no second backup', async () => {
    const tag = '0001_drops';
    const sql = [
      '-- @transaction off',
      'alter table "the users" drop column nick;',
      'alter table "the users" drop column gone;',
    ].join('\n');
    const world = await backupWorld(on, [USERS, { tag, sql }]);
    try {
      const migrator = world.migrator({ backup: world.backup });
      await expect(migrator.up()).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
      expect(await world.records()).toHaveLength(1);
      const before = await world.files();
      expect(before).toHaveLength(2);

      const table = on.flavour === 'postgresql' ? '"the users"' : '`the users`';
      await world.database.query(`alter table ${table} add column gone int`);
      expect((await migrator.plan()).migrations).toMatchObject([{ tag, kind: 'resume' }]);
      expect(await migrator.up()).toMatchObject({ applied: [{ tag, resumedFrom: 1 }] });
      expect([await world.records(), await world.files()]).toMatchObject([[{ tag }], before]);
    } finally {
      await world.close();
    }
  });

  it('a new database has nothing to lose, and the contract of an operation dumps its table', async () => {
    const q = (sql: string): string =>
      on.flavour === 'postgresql' ? sql : sql.replaceAll('"', '`');
    const world = await migratorWorld(on.server, [
      { tag: '0000_all', sql: q('create table "t" (id int primary key, a varchar(9));') },
      { tag: '0001_drop', sql: q('alter table "t" drop column a;') },
      { tag: '0002_old', sql: q('alter table "t" add column mail varchar(9);') },
    ]);
    const elsewhere = await backupWorld(on);
    try {
      const migrator = world.migrator({ backup: elsewhere.backup });
      expect((await migrator.plan()).migrations.map(({ backup }) => backup)).toEqual(
        Array(3).fill(undefined),
      );
      expect(await migrator.up()).toMatchObject({ outcome: 'applied' });
      await world.database.query(`insert into t (id, mail) values (1, 'a@b')`);
      await world.journal.add(
        {
          tag: '0003_expand',
          sql: q(
            '-- @operation mail expand\nalter table "t" add column email varchar(9);\n-- @operation mail backfill\n-- @operation mail verify',
          ),
        },
        {
          tag: '0004_contract',
          sql: q('-- @operation mail contract\nalter table "t" drop column mail;'),
        },
      );
      const operations = [renameColumn('mail', { table: 't', from: 'mail', to: 'email' })];
      const next = world.migrator({ backup: elsewhere.backup, operations });
      expect(await next.up()).toMatchObject({ applied: [{}, { tag: '0004_contract' }] });
      expect(next.events.filter(({ type }) => type === 'backup.finished')).toMatchObject([
        { tag: '0004_contract', content: 'schema' },
        { tag: '0004_contract', content: 'data' },
      ]);
    } finally {
      await elsewhere.close();
      await world.close();
    }
  });
});
