import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMigrator, type Migrator, type MigratorOptions } from '../../src/index.js';
import {
  writeJournal,
  type JournalMigration,
  type WrittenJournal,
} from '../journals/write-journal.js';
import { databases, servers, type TestDatabase } from '../servers/index.js';

const USERS: JournalMigration = {
  tag: '0000_users',
  sql: 'create table users (id int primary key, nick varchar(20));',
};
const PHONE: JournalMigration = {
  tag: '0001_phone',
  sql: 'alter table users add column phone varchar(20);',
};
const DROP: JournalMigration = {
  tag: '0002_drop_nick',
  sql: 'alter table users drop column nick;',
};

describe.each(databases)('whether a build can run, on $name', ({ server, dialect }) => {
  let database: TestDatabase;
  let folder: string;
  const journals: WrittenJournal[] = [];
  const migrators: Migrator[] = [];

  beforeEach(async () => {
    database = await (await servers[server]()).createDatabase();
    folder = await mkdtemp(join(tmpdir(), 'manifest-'));
  });
  afterEach(async () => {
    await Promise.all(migrators.splice(0).map((migrator) => migrator.close()));
    await Promise.all(journals.splice(0).map((journal) => journal.remove()));
    await rm(folder, { recursive: true });
    await database.drop();
  });

  const open = (over: Partial<MigratorOptions>): Migrator => {
    const migrator = createMigrator({
      database: { dialect, url: database.url },
      fleet: { service: 'shop' },
      ...over,
    });
    migrators.push(migrator);
    return migrator;
  };
  const build = async (
    release: string,
    ...migrations: readonly JournalMigration[]
  ): Promise<Migrator> => {
    const journal = await writeJournal(migrations, { dialect });
    journals.push(journal);
    return open({ migrations: journal.folder, build: release });
  };
  const manifestOf = async (migrator: Migrator, name: string): Promise<string> => {
    const path = join(folder, `${name}.json`);
    await writeFile(path, JSON.stringify(migrator.manifest()));
    return path;
  };

  it('answers for older and newer builds by their manifests as their first replicas would', async () => {
    const first = await build('1', USERS);
    const second = await build('2', USERS, PHONE);
    const third = await build('3', USERS, PHONE, DROP);
    const paths = await Promise.all(
      [first, second, third].map((migrator, index) => manifestOf(migrator, String(index + 1))),
    );
    const answers = (): Promise<readonly (readonly [boolean, string | undefined])[]> =>
      Promise.all(
        paths.map(async (path) => {
          const { canRun, reasons } = await third.canRun({ build: path });
          return [canRun, reasons[0]?.code] as const;
        }),
      );
    expect(await answers()).toEqual([
      [false, 'uninitialised'],
      [false, 'uninitialised'],
      [false, 'uninitialised'],
    ]);
    await first.up();
    expect(await answers()).toEqual([
      [true, 'current'],
      [false, 'behind'],
      [false, 'behind'],
    ]);
    await second.up();
    expect(await answers()).toEqual([
      [true, 'ahead'],
      [true, 'current'],
      [true, 'contract_pending'],
    ]);
    await third.up();
    expect(await answers()).toEqual([
      [false, 'ahead_incompatible'],
      [false, 'ahead_incompatible'],
      [true, 'current'],
    ]);
    expect(await first.canRun()).toMatchObject({
      canRun: false,
      state: 'down',
      build: { service: 'shop', build: '1', head: USERS.tag, migrations: 1 },
    });
  });

  it('a replica serves with the manifest instead of the folder, and does not migrate with it', async () => {
    const whole = await build('2', USERS, PHONE);
    const path = await manifestOf(whole, 'own');
    const replica = open({ migrations: path, build: '2' });
    const codes = async (): Promise<string> => {
      const { state, reasons } = await replica.readiness.refreshed();
      return [state, ...reasons.map(({ code }) => code)].join(' ');
    };
    expect(await codes()).toBe('down uninitialised');
    await expect(replica.up()).rejects.toMatchObject({ code: 'JOURNAL_FILE_MISSING', exitCode: 4 });
    await whole.up();
    expect(await codes()).toBe('up current');
    expect(await replica.up()).toMatchObject({ outcome: 'nothing-to-do' });
    expect((await replica.fleet()).instances).toMatchObject([
      { build: '2', head: PHONE.tag, knows: 2 },
    ]);
    expect(await replica.verify()).toMatchObject({ checked: 2 });
  });

  it('refuses the manifest of another service, of another dialect, and what is none', async () => {
    const own = await build('1', USERS);
    const path = await manifestOf(own, 'own');
    const text = await readFile(path, 'utf8');
    const other = dialect === 'mysql' ? 'postgresql' : 'mysql';
    const refused = async (
      change: (manifest: Record<string, unknown>) => unknown,
    ): Promise<unknown> => {
      const changed = join(folder, 'changed.json');
      await writeFile(changed, JSON.stringify(change(JSON.parse(text) as Record<string, unknown>)));
      return own.canRun({ build: changed }).catch((error: unknown) => error);
    };
    expect(await refused((manifest) => ({ ...manifest, service: 'billing' }))).toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('billing'),
    });
    expect(await refused((manifest) => ({ ...manifest, dialect: other }))).toMatchObject({
      code: 'CONFIGURATION',
    });
    expect(await refused((manifest) => ({ ...manifest, manifestVersion: 2 }))).toMatchObject({
      code: 'JOURNAL_MALFORMED',
      message: expect.stringContaining('version 2'),
    });
    expect(await refused(() => [])).toMatchObject({ code: 'JOURNAL_MALFORMED' });
    await expect(own.canRun({ build: join(folder, 'nowhere.json') })).rejects.toMatchObject({
      code: 'JOURNAL_NOT_FOUND',
    });
  });
});
