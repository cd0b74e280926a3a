import type { MigratorError } from '../../src/errors.js';
import { createMigrator } from '../../src/index.js';
import { documentOf, project, removeProjects, runCli } from '../cli/child.js';
import { kinds, servers, type TestDatabase } from '../servers/index.js';
import { badFolders } from './bad-folders.js';
import { contentsOf } from './contents.js';
import { refusalOf } from './refusals.js';

/** Read from the folder, from the journal, from a file, from a statement. */
const ONE_OF_EACH_KIND: ReadonlySet<string> = new Set([
  'JOURNAL_NOT_FOUND',
  'JOURNAL_MALFORMED',
  'JOURNAL_FILE_MISSING',
  'UNKNOWN_OPERATION',
]);

describe.each(kinds)('on $name, a folder', ({ server, dialect }) => {
  const bad = badFolders.filter(({ dialects }) => dialects.includes(dialect));
  let database: TestDatabase;
  let before: readonly string[];

  // One database for all: nothing may happen to it.
  beforeAll(async () => {
    database = await (await servers[server]()).createDatabase();
    await database.query('CREATE TABLE mine (id int)');
    await database.query('INSERT INTO mine VALUES (1)');
    before = await contentsOf(database);
  });
  afterAll(async () => {
    await database.drop();
    removeProjects();
  });

  it.each(bad)('$name is $code, and nothing is touched', async ({ code, place, write }) => {
    const journal = await write(dialect);
    const migrations = journal.folder;
    const migrator = createMigrator({ database: { dialect, url: database.url }, migrations });
    try {
      const error = await refusalOf(migrator.up());
      expect({ code: error.code, exitCode: error.exitCode }).toEqual({ code, exitCode: 4 });
      expect(within(migrations, error)).toMatchObject(place);
      expect(error.remedy).not.toBe('');
      expect(error.state).toMatch(/^Nothing /);
      expect(await contentsOf(database)).toEqual(before);
    } finally {
      await migrator.close();
      await journal.remove();
    }
  });

  // What every command says is the same error: a few of them, because each is a process of its own.
  const byCommandLine = bad.filter(({ code, name }) =>
    server === 'postgres18' ? ONE_OF_EACH_KIND.has(code) : name.includes('a quote that never ends'),
  );
  it.each(byCommandLine)(
    '$name is refused by the command line with $code, place and remedy, as text and as JSON',
    async ({ code, place, write }) => {
      const journal = await write(dialect);
      const finished = await runCli(['up', '--json', '--migrations', journal.folder], {
        cwd: project({}),
        env: { DATABASE_URL: database.url },
      });
      await journal.remove();
      const below = (text: string): string => text.replaceAll(`${journal.folder}/`, '');
      const { error } = documentOf({ ...finished, stdout: below(finished.stdout) });
      expect(finished.exitCode).toBe(4);
      expect({ place: {}, ...error }).toMatchObject({ code, exitCode: 4, place });
      const stderr = below(finished.stderr);
      expect(stderr).toContain(`${code} (exit 4)`);
      expect(stderr).toMatch(/^ {2}next +\S/m);
      expect(stderr).toContain([place.file, place.line].filter(Boolean).join(':'));
      expect(await contentsOf(database)).toEqual(before);
    },
  );

  /** The error's place, with the file as it stands below the folder. */
  function within(folder: string, { place }: MigratorError): object {
    const { file, ...rest } = place;
    return { ...rest, ...(file !== undefined && { file: file.replace(`${folder}/`, '') }) };
  }
});
