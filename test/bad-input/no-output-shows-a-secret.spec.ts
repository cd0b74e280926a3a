import { inspect } from 'node:util';
import { Test } from '@nestjs/testing';
import { createMigrator, type MigratorOptions, type RunEvent } from '../../src/index.js';
import {
  getMigratorToken,
  MigrationHealthIndicator,
  MigratorModule,
} from '../../src/nest/index.js';
import type { Migrator } from '../../src/migrator.js';
import { renderErrorBlock } from '../../src/report/error-block.js';
import { createRunLog } from '../../src/report/run-log.js';
import { asMigratorError } from '../../src/report/unexpected.js';
import { project, removeProjects, runCli } from '../cli/child.js';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { urlWith } from '../servers/database-server.js';
import { kinds, servers, type TestDatabase, type TestUser } from '../servers/index.js';
import { CANARY, leaky, leakyCode, setup } from './leaky.js';

describe.each(kinds)('on $name', ({ server, dialect }) => {
  const cases = leaky.filter((one) => one.dialect === dialect || one.dialect === 'both');
  const journals: WrittenJournal[] = [];
  /** Names of the cases in which the driver's own error held the canary: proof that there was something to keep back. */
  const leaked: string[] = [];
  let database: TestDatabase;
  let user: TestUser;
  let url: string;

  beforeAll(async () => {
    database = await (await servers[server]()).createDatabase();
    const password = `${CANARY}-pw`;
    user = await database.createUser((name) =>
      dialect === 'mysql'
        ? [
            `ALTER USER ${name} IDENTIFIED BY '${password}'`,
            `GRANT ALL ON ${database.name}.* TO ${name}`,
          ]
        : [
            `ALTER ROLE ${name} PASSWORD '${password}'`,
            `GRANT ALL ON DATABASE ${database.name} TO ${name}`,
            `GRANT ALL ON SCHEMA public TO ${name}`,
          ],
    );
    url = urlWith(user.url, { password });
    const made = await runs(options((await folderWith([])).folder), (migrator) => migrator.up());
    if (made.error !== undefined) throw made.error;
  });
  afterAll(async () => {
    await user.drop();
    await database.drop();
    await Promise.all(journals.map((journal) => journal.remove()));
    removeProjects();
  });

  const folderWith = async (
    more: readonly { readonly tag: string; readonly sql: string }[],
  ): Promise<WrittenJournal> => {
    // Each folder's second migration has a time of its own: the ledger would take it for another's by its time.
    const when = Date.UTC(2026, 0, 2) + journals.length * 60_000;
    const journal = await writeJournal(
      [{ tag: '0000_setup', sql: setup(dialect) }, ...more.map((one) => ({ ...one, when }))],
      { dialect },
    );
    journals.push(journal);
    return journal;
  };
  const options = (migrations: string): MigratorOptions => ({
    database: { dialect, url },
    migrations,
    codeMigrations: leakyCode,
  });

  it.each(cases.map((one, index) => ({ ...one, tag: `0001_case_${index}` })))(
    'a migration whose $name',
    async ({ name, tag, sql, code }) => {
      const { folder } = await folderWith([{ tag, sql }]);
      const { error, shown } = await runs(options(folder), (migrator) => migrator.up());
      expect((error as { code?: string }).code).toBe(code);
      expect(shown).toContain(tag);
      expect(shown).not.toContain(CANARY);
      if (causes(error).includes(CANARY)) leaked.push(name);
    },
  );

  it('so that there was something to keep back', () => {
    expect(leaked).toEqual(
      expect.arrayContaining([
        'row is there already',
        'code throws it',
        'code sends it as a parameter',
        'code sends it by Drizzle',
        'literal is no syntax',
        'row violates a check',
      ]),
    );
  });

  it('what is on record', async () => {
    const schema = dialect === 'mysql' ? '' : 'drizzle.';
    const rows = await Promise.all(
      ['migration_attempts', 'migration_lock', 'migration_library', '__drizzle_migrations'].map(
        (table) => database.query(`SELECT * FROM ${schema}${table}`),
      ),
    );
    const text = inspect(rows, { depth: 10, maxArrayLength: null, maxStringLength: null });
    expect(text).toContain('0001_case_1');
    expect(text).not.toContain(CANARY);
  });

  it('looking on, and a file that was edited', async () => {
    const journal = await folderWith([{ tag: '0001_row', sql: `SELECT '${CANARY}'` }]);
    const looked = await runs(options(journal.folder), async (migrator) => [
      await migrator.plan(),
      await migrator.status(),
      await migrator.verify(),
    ]);
    expect(looked.shown).toContain('0001_row');
    await runs(options(journal.folder), (migrator) => migrator.up());
    await journal.edit('0001_row', `SELECT '${CANARY}', 2`);
    const edited = await runs(options(journal.folder), (migrator) => migrator.verify());
    expect(edited.error).toMatchObject({ code: 'EDITED' });
    expect(looked.shown + edited.shown).not.toContain(CANARY);
  });

  it('bodies of health endpoints', async () => {
    const journal = await folderWith([{ tag: '0001_new', sql: `SELECT '${CANARY}'` }]);
    const marker = dialect === 'mysql' ? '?' : '$1';
    const app = await Test.createTestingModule({
      imports: [
        MigratorModule.forRoot({
          ...options(journal.folder),
          requires: [
            { name: 'fails', sql: `SELECT '${CANARY}' = nonsense(${marker})`, params: [CANARY] },
          ],
        }),
      ],
    }).compile();
    await app.init();
    const migrator = app.get<Migrator>(getMigratorToken());
    await migrator.readiness.refreshed();
    const body = inspect(app.get(MigrationHealthIndicator).check('migrations'), { depth: 10 });
    await app.close();
    expect(body).toContain("status: 'down'");
    expect(body).toContain('fails');
    expect(body).not.toContain(CANARY);
  });

  it.each([
    ['a wrong password', 'CREDENTIALS', { password: `${CANARY}-wrong` }],
    ['nobody listening', 'UNREACHABLE', { port: 1 }],
    [
      'no such database',
      dialect === 'mysql' ? 'MISSING_PRIVILEGE' : 'DATABASE_MISSING',
      { database: 'nowhere' },
    ],
  ] as const)('%s', async (_what, code, parts) => {
    const { folder } = await folderWith([]);
    const { error, shown } = await runs(
      { database: { dialect, url: urlWith(url, parts) }, migrations: folder },
      (migrator) => migrator.up(),
    );
    expect(error).toMatchObject({ code });
    expect(shown).not.toContain(CANARY);
  });

  it('the command line: documents, errors and the log in both formats', async () => {
    const { folder } = await folderWith([
      { tag: '0002_cli', sql: `INSERT INTO people VALUES (3, '${CANARY}')` },
    ]);
    const wrong = urlWith(url, { password: `${CANARY}-wrong` });
    const calls: readonly {
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly exitCode: number;
    }[] = [
      { args: ['up', '--json', '--verbose'], env: { DATABASE_URL: url }, exitCode: 1 },
      { args: ['up', '--verbose', '--log-format', 'json', '--url', url], env: {}, exitCode: 1 },
      { args: ['plan'], env: { DATABASE_URL: url }, exitCode: 0 },
      {
        args: ['status', '--json'],
        env: { MIGRATION_DATABASE_URL: wrong, DATABASE_URL: url },
        exitCode: 64,
      },
    ];
    for (const { args, env, exitCode } of calls) {
      const finished = await runCli([...args, '--migrations', folder], {
        cwd: project({}),
        env,
      });
      expect([args[0], finished.exitCode]).toEqual([args[0], exitCode]);
      expect(finished.stdout + finished.stderr).not.toContain(CANARY);
    }
  });
});

interface Shown {
  /** What was thrown, if anything was. */
  readonly error: unknown;
  /** Everything that a log, a terminal or a program could be shown of it. */
  readonly shown: string;
}

/** Does something with a migrator, and keeps all that it lets out. */
async function runs(
  options: MigratorOptions,
  work: (migrator: Migrator) => Promise<unknown>,
): Promise<Shown> {
  const parts: string[] = [];
  const events: RunEvent[] = [];
  const listeners = [
    (event: RunEvent) => events.push(event),
    createRunLog((line) => parts.push(line), { verbose: true }),
    createRunLog((line) => parts.push(line), { verbose: true, format: 'json' }),
  ];
  const migrator = createMigrator({ ...options, listeners });
  let error: unknown;
  try {
    parts.push(inspect(await work(migrator), { depth: 10 }), inspect(migrator, { depth: 10 }));
  } catch (thrown) {
    error = thrown;
    parts.push(
      String(thrown),
      (thrown as Error).stack ?? '',
      JSON.stringify(thrown),
      inspect(thrown, { depth: 10, showHidden: true }),
      inspect({ thrown }, { depth: 10 }),
      inspect(new Error('wrapped', { cause: thrown }), { depth: 10 }),
      ...renderErrorBlock(asMigratorError(thrown)),
      JSON.stringify(asMigratorError(thrown)),
    );
  } finally {
    await migrator.close();
  }
  parts.push(inspect(events, { depth: 10, maxArrayLength: null, maxStringLength: null }));
  return { error, shown: parts.join('\n') };
}

/** The raw errors behind one of ours, which only a debugger sees. */
function causes(error: unknown): string {
  const parts: string[] = [];
  for (let cause = (error as Error).cause; cause instanceof Error; cause = cause.cause)
    parts.push(inspect(Object.entries(cause)), cause.message);
  return parts.join('\n');
}
