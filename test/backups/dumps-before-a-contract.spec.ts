import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFile, stat } from 'node:fs/promises';
import { servers } from '../servers/index.js';
import { backupWorld, DROP, dumped, sha256, type BackupWorld } from './backup-world.js';

describe.each(dumped)('on $name', (on) => {
  let world: BackupWorld;
  beforeEach(async () => {
    world = await backupWorld(on);
  });
  afterEach(() => world.close());

  const columns = async (): Promise<number> => {
    const rows = await world.database.query(
      `select 1 from information_schema.columns where table_name = 'the users' and column_name = 'nick' and table_schema ${on.flavour === 'postgresql' ? "= 'public'" : '= database()'}`,
    );
    return rows.length;
  };

  it('the rows that go are in a file that another database can be filled from', async () => {
    const { backup } = world;
    const migrator = world.migrator({ backup });
    expect(await migrator.plan()).toMatchObject({
      migrations: [{ tag: DROP.tag, backup: { dump: 'data', ref: null } }],
      refusals: [],
    });
    expect(await world.files()).toEqual([]);
    expect(await migrator.up()).toMatchObject({ applied: [{ tag: DROP.tag }] });
    expect(await columns()).toBe(0);

    const [record, ...more] = await world.records();
    expect(more).toEqual([]);
    const files = record?.detail.files ?? [];
    expect(files.map(({ content }) => content)).toEqual(['schema', 'data']);
    expect(record).toMatchObject({
      tag: DROP.tag,
      detail: { tables: [expect.stringMatching(/\.the users$/)] },
    });
    expect(await world.files()).toHaveLength(2);
    for (const file of files) {
      expect(await sha256(file.path)).toBe(file.sha256);
      const { size, mode } = await stat(file.path);
      expect([size, mode & 0o777]).toEqual([file.bytes, 0o600]);
    }
    expect(migrator.events.filter(({ type }) => type.startsWith('backup.'))).toMatchObject([
      { type: 'backup.started', content: 'schema' },
      { type: 'backup.finished', content: 'schema', bytes: files[0]?.bytes },
      { type: 'backup.started', content: 'data' },
      { type: 'backup.finished', content: 'data', path: files[1]?.path },
    ]);

    const other = await (await servers[on.server]()).createDatabase();
    try {
      for (const { path } of files) await other.query(sqlIn(await readFile(path, 'utf8')));
      const from = on.flavour === 'postgresql' ? 'public."the users"' : '`the users`';
      expect(await other.query(`select id, nick from ${from} order by id`)).toEqual([
        { id: 1, nick: 'Ada' },
        { id: 2, nick: "O'Hara ü" },
      ]);
    } finally {
      await other.drop();
    }
  });

  it('what is too large is refused before anything is touched, until a snapshot is named', async () => {
    const backup = { ...world.backup, dataBelow: 1 };
    const migrator = world.migrator({ backup });
    const refused = {
      code: 'REFUSED_BACKUP',
      message: expect.stringContaining('the users ('),
      details: { dataBelow: 1 },
    };
    expect((await migrator.plan()).refusals).toMatchObject([refused]);
    await expect(migrator.up()).rejects.toMatchObject({ ...refused, exitCode: 7 });
    expect([await world.files(), await world.attempts(DROP.tag), await columns()]).toEqual([
      [],
      [],
      1,
    ]);
    await expect(migrator.up({ backupRef: ' ' })).rejects.toMatchObject({ code: 'USAGE' });

    expect((await migrator.plan({ backupRef: 'rds:app-1' })).refusals).toEqual([]);
    expect(await migrator.up({ backupRef: 'rds:app-1' })).toMatchObject({
      applied: [{ tag: DROP.tag }],
    });
    expect(await world.records()).toMatchObject([
      { tag: DROP.tag, detail: { ref: 'rds:app-1', files: [{ content: 'schema' }] } },
    ]);
    expect(await world.files()).toHaveLength(1);
  });

  it('without the option one remark names what is lost, and a snapshot that is named is on record', async () => {
    const migrator = world.migrator();
    expect(await migrator.plan({ backupRef: 'mine' })).toMatchObject({
      findings: [expect.objectContaining({ code: 'contract-without-fleet' })],
    });
    const { findings } = await migrator.plan();
    expect(findings.filter(({ code }) => code === 'contract-without-backup')).toMatchObject([
      {
        severity: 'warning',
        tag: DROP.tag,
        message: expect.stringContaining('column the users.nick'),
      },
    ]);
    await migrator.up({ backupRef: 'mine' });
    expect(await world.records()).toMatchObject([
      { tag: DROP.tag, detail: { ref: 'mine', files: [] } },
    ]);
  });
});

/** Without what is meant for psql alone. */
function sqlIn(text: string): string {
  return text.replaceAll(/^\\.*$/gm, '');
}
