import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Migrator } from '../../src/index.js';
import type { JournalMigration } from '../journals/write-journal.js';
import { kinds, servers, type TestDatabase } from '../servers/index.js';
import { Builds, readinessOf } from './builds.js';

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

describe.each(kinds)('whether a build can run, on $name', ({ server, dialect }) => {
  let database: TestDatabase;
  let folder: string;
  let builds: Builds;

  beforeEach(async () => {
    database = await (await servers[server]()).createDatabase();
    builds = new Builds(dialect, database, { fleet: { service: 'shop' } });
    folder = await mkdtemp(join(tmpdir(), 'manifest-'));
  });
  afterEach(async () => {
    await builds.dispose();
    await rm(folder, { recursive: true });
    await database.drop();
  });

  const build = (release: string, ...migrations: readonly JournalMigration[]): Promise<Migrator> =>
    builds.of(migrations, { build: release });
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
    const replica = builds.at(path, { build: '2' });
    expect(await readinessOf(replica)).toBe('down uninitialised');
    await expect(replica.up()).rejects.toMatchObject({ code: 'JOURNAL_FILE_MISSING', exitCode: 4 });
    await whole.up();
    expect(await readinessOf(replica)).toBe('up current');
    expect(await replica.up()).toMatchObject({ outcome: 'nothing-to-do' });
    expect((await replica.fleet()).instances).toMatchObject([
      { build: '2', head: PHONE.tag, knows: 2 },
    ]);
    expect(await replica.verify()).toMatchObject({ checked: 2 });
  });

  it('whoever only looks does with the manifest, and a contract that waits keeps nobody from starting', async () => {
    const first = await build('1', USERS);
    const whole = await build('2', USERS, DROP);
    const replica = builds.at(await manifestOf(whole, 'own'));
    await expect(replica.wait({ timeoutMs: 300 })).rejects.toMatchObject({ code: 'WAIT_TIMEOUT' });
    expect((await replica.status()).counts).toMatchObject({ pending: 2, required: 1 });
    expect((await replica.plan()).refusals).toMatchObject([
      { code: 'JOURNAL_FILE_MISSING' },
      { code: 'JOURNAL_FILE_MISSING' },
    ]);
    await first.up();
    await expect(replica.wait({ timeoutMs: 5_000 })).resolves.toBeDefined();
    expect(await readinessOf(replica)).toBe('up contract_pending');
    await expect(replica.up()).rejects.toMatchObject({ code: 'JOURNAL_FILE_MISSING' });
    expect((await whole.up()).deferred).toEqual([]);
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
