import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MigratorError } from '../../src/index.js';
import { until } from '../waiting/until.js';
import { backupWorld, DROP, dumped, fakeProgram, type BackupWorld } from './backup-world.js';

describe.each(dumped)('on $name', (on) => {
  let world: BackupWorld;
  beforeEach(async () => {
    world = await backupWorld(on);
  });
  afterEach(() => world.close());

  const rows = async (): Promise<number> =>
    (
      await world.database.query(
        `select nick from ${on.flavour === 'postgresql' ? '"the users"' : '`the users`'}`,
      )
    ).length;

  it('a program that is missing, too old or fails leaves the table and no file, and the next run goes on', async () => {
    const { flavour } = on;
    const missing = world.migrator({
      backup: {
        directory: world.folder,
        command: { pgDump: '/nowhere/pg_dump', mysqldump: '/nowhere/mysqldump' },
      },
    });
    await expect(missing.up()).rejects.toMatchObject({
      code: 'BACKUP_FAILED',
      exitCode: 7,
      details: { reason: 'program-missing' },
      message: expect.stringContaining('/nowhere/'),
    });

    const [old] = fakeProgram(flavour);
    const tooOld = await world.scripted([(old ?? '').replace('99.1', '5.1')]);
    await expect(world.migrator({ backup: tooOld }).up()).rejects.toMatchObject({
      code: 'BACKUP_FAILED',
      details: { reason: 'program-unfit', program: expect.stringContaining('5.1') },
    });

    const failing = await world.scripted(
      fakeProgram(flavour, 'echo half', "echo 'permission denied: s3cret' >&2", 'exit 3'),
    );
    const migrator = world.migrator({ backup: failing });
    const error = await migrator.up().catch((thrown: unknown) => thrown as MigratorError);
    expect(error).toMatchObject({
      code: 'BACKUP_FAILED',
      details: { reason: 'program-failed', exitCode: 3, class: 'not-permitted' },
    });
    expect(JSON.stringify([error, migrator.events])).not.toContain('s3cret');

    const cutOff = await world.scripted(fakeProgram(flavour, 'echo half'));
    await expect(world.migrator({ backup: cutOff }).up()).rejects.toMatchObject({
      code: 'BACKUP_FAILED',
      details: { reason: 'program-failed', exitCode: 0, class: 'cut-off' },
    });
    expect([await rows(), await world.files(), await world.records()]).toEqual([2, [], []]);
    expect(await world.attempts(DROP.tag)).toEqual(Array(4).fill('failed BACKUP_FAILED'));

    expect(await world.migrator({ backup: world.backup }).up()).toMatchObject({
      applied: [{ tag: DROP.tag, resumedFrom: 0 }],
    });
    expect(await world.files()).toHaveLength(2);
  });

  it('no password is in its arguments, and a stop ends it', async () => {
    const record = join(world.folder, '..', 'seen');
    const slow = await world.scripted(
      fakeProgram(
        on.flavour,
        'echo half',
        `env > ${record}.env`,
        `echo $$ > ${record}.tmp && mv ${record}.tmp ${record}`,
        'sleep 600 & wait',
      ),
    );
    const stop = new AbortController();
    const migrator = world.migrator({ backup: slow });
    const running = migrator.up({ signal: stop.signal });
    await until('the program runs', () => existsSync(record));
    const process = `/proc/${(await readFile(record, 'utf8')).trim()}/cmdline`;
    const argv = (await readFile(process, 'utf8')).split('\0');
    const env = await readFile(`${record}.env`, 'utf8');
    const secret = new URL(world.database.url).password;
    expect(argv.length).toBeGreaterThan(4);
    expect(argv.filter((argument) => argument.includes(secret))).toEqual([]);
    expect(argv.filter((argument) => /password|^-p/i.test(argument))).toEqual(
      on.flavour === 'postgresql' ? ['--no-password'] : [],
    );
    expect(env).toContain(
      `${on.flavour === 'postgresql' ? 'PGPASSWORD' : 'MYSQL_PWD'}=${secret}\n`,
    );
    expect(env).not.toMatch(/^NODE_OPTIONS=/m);
    expect(await world.files()).toEqual([expect.stringMatching(/\.schema\.sql\.partial$/)]);

    const why = new MigratorError('INTERRUPTED_SIGTERM', { message: 'Stopped.', remedy: 'Again.' });
    stop.abort(why);
    await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED_SIGTERM', exitCode: 143 });
    expect([await rows(), await world.files(), await world.records()]).toEqual([2, [], []]);
    expect(await world.attempts(DROP.tag)).toEqual(['interrupted INTERRUPTED_SIGTERM']);
    await until('the program is gone', () => !existsSync(process));
    expect(await world.migrator({ backup: world.backup }).up()).toMatchObject({
      applied: [{ tag: DROP.tag, resumedFrom: 0 }],
    });
  });
});
