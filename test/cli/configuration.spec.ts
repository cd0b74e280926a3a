import { afterAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { configured, documentOf, journalIn, project, removeProjects, runCli } from './child.js';

afterAll(removeProjects);

const URL = 'postgresql://me:pw@db.example:5432/app';

describe('drizzle.config files', () => {
  it.each([
    [
      'drizzle.config.ts',
      `import { defineConfig } from 'drizzle-kit';\nimport 'dotenv/config';\nconst url: string = '${URL}';\nexport default defineConfig({ dialect: 'postgresql', out: './drizzle', dbCredentials: { url } });`,
    ],
    [
      'drizzle.config.js',
      `import { defineConfig } from 'drizzle-kit';\nexport default defineConfig({ dialect: 'postgresql', dbCredentials: { url: '${URL}' } });`,
    ],
    [
      'drizzle.config.cjs',
      `const { defineConfig } = require('drizzle-kit');\nmodule.exports = defineConfig({ dialect: 'postgresql', dbCredentials: { url: '${URL}' } });`,
    ],
    [
      'drizzle.config.mjs',
      `export default { dialect: 'postgresql', dbCredentials: { url: '${URL}' } };`,
    ],
    ['drizzle.config.json', `{ "dialect": "postgresql", "dbCredentials": { "url": "${URL}" } }`],
  ])(
    '%s is found and read where neither drizzle-kit nor dotenv is installed',
    async (file, text) => {
      const cwd = project({ [file]: text, ...journalIn('drizzle') });
      const { configuration } = await configured({}, { cwd });
      expect(configuration?.options).toEqual({
        database: { dialect: 'postgresql', url: URL },
        migrations: join(cwd, 'drizzle'),
      });
    },
  );

  it('table, schema and fields are taken over', async () => {
    const cwd = project({
      'drizzle.config.ts': `export default { dialect: 'mysql', out: 'migrations',
        dbCredentials: { host: 'db', port: '3307', user: 'me', password: async () => 'token', database: 'app', ssl: { ca: 'CA' } },
        migrations: { table: 'ledger', schema: 'own' } } as const;`,
      ...journalIn('migrations'),
    });
    const { configuration } = await configured({}, { cwd });
    expect(configuration?.options).toMatchObject({
      database: {
        dialect: 'mysql',
        connection: { host: 'db', port: 3307, user: 'me', database: 'app', ssl: { ca: 'CA' } },
      },
      migrations: join(cwd, 'migrations'),
      migrationsTable: 'ledger',
      migrationsSchema: 'own',
    });
  });

  it('relative imports and tsconfig path aliases work', async () => {
    const cwd = project({
      'tsconfig.json': `{ "compilerOptions": { "baseUrl": ".", "paths": { "@env/*": ["src/*"] } } }`,
      'src/env.ts': `export const url: string = '${URL}';`,
      'drizzle.config.ts': `import { url } from '@env/env';\nexport default { dialect: 'postgresql', dbCredentials: { url } };`,
      ...journalIn('drizzle'),
    });
    expect((await configured({}, { cwd })).configuration?.options?.database).toEqual({
      dialect: 'postgresql',
      url: URL,
    });
  });

  it('.env is read, and what is set already stays', async () => {
    const cwd = project({
      '.env': `DB="${URL}"\nexport OUT=from-dotenv\n`,
      'drizzle.config.ts': `export default { dialect: 'postgresql', out: process.env.OUT, dbCredentials: { url: process.env.DB! } };`,
      ...journalIn('from-process'),
    });
    const { configuration } = await configured({}, { cwd, env: { OUT: 'from-process' } });
    expect(configuration?.options?.database).toEqual({ dialect: 'postgresql', url: URL });
    expect(configuration?.options?.migrations).toBe(join(cwd, 'from-process'));
  });

  it('an unreadable .env is not fatal', async () => {
    const cwd = project({ '.env/file': '' });
    const { configuration } = await configured({ url: URL }, { cwd });
    expect(configuration?.options?.database).toMatchObject({ url: URL });
  });
});

describe('out', () => {
  const config = `{ "dialect": "postgresql", "out": "./drizzle", "dbCredentials": { "url": "${URL}" } }`;

  it('is relative to the configuration file first', async () => {
    const cwd = project({
      'packages/db/drizzle.config.json': config,
      ...journalIn('packages/db/drizzle'),
    });
    const { configuration } = await configured(
      { config: 'packages/db/drizzle.config.json' },
      { cwd },
    );
    expect(configuration?.options?.migrations).toBe(join(cwd, 'packages/db/drizzle'));
    expect(configuration?.notes).toEqual([]);
  });

  it('is relative to the working directory next, as for drizzle-kit', async () => {
    const cwd = project({ 'packages/db/drizzle.config.json': config, ...journalIn('drizzle') });
    const { configuration } = await configured(
      { config: 'packages/db/drizzle.config.json' },
      { cwd },
    );
    expect(configuration?.options?.migrations).toBe(join(cwd, 'drizzle'));
  });

  it('a folder with a journal is better than one without', async () => {
    const cwd = project({
      'packages/db/drizzle.config.json': config,
      'packages/db/drizzle/readme.txt': '',
      'drizzle/20240101000000_first/migration.sql': 'SELECT 1;',
    });
    const { configuration } = await configured(
      { config: 'packages/db/drizzle.config.json' },
      { cwd },
    );
    expect(configuration?.options?.migrations).toBe(join(cwd, 'drizzle'));
  });

  it('two journals: the one beside the file, with a remark that names the other', async () => {
    const cwd = project({
      'packages/db/drizzle.config.json': config,
      ...journalIn('packages/db/drizzle'),
      ...journalIn('drizzle'),
    });
    const { configuration } = await configured(
      { config: 'packages/db/drizzle.config.json' },
      { cwd },
    );
    expect(configuration?.options?.migrations).toBe(join(cwd, 'packages/db/drizzle'));
    expect(configuration?.notes?.join()).toContain(
      `${join(cwd, 'drizzle')} is a migrations folder too`,
    );
  });

  it('neither: both places are named', async () => {
    const cwd = project({ 'packages/db/drizzle.config.json': config });
    const { error } = await configured({ config: 'packages/db/drizzle.config.json' }, { cwd });
    expect(error?.code).toBe('JOURNAL_NOT_FOUND');
    expect(error?.message).toContain(join(cwd, 'packages/db/drizzle'));
    expect(error?.message).toContain(join(cwd, 'drizzle'));
  });
});

describe('which word wins', () => {
  const config = (url: string): string =>
    `export default { dialect: 'postgresql', dbCredentials: { url: ${url} }, migrations: { table: 'of_file' } };`;
  const files = (url: string) => ({ 'drizzle.config.mjs': config(url), ...journalIn('drizzle') });
  const OTHER = 'postgresql://me:pw@other.example:5432/other';

  it('a flag over the file', async () => {
    const cwd = project(files(`'${URL}'`));
    const { configuration } = await configured({ url: OTHER, migrationsTable: 'of_flag' }, { cwd });
    expect(configuration?.options).toMatchObject({
      database: { dialect: 'postgresql', url: OTHER },
      migrationsTable: 'of_flag',
    });
  });

  it('a NEST_MIGRATE variable over the file, a flag over the variable', async () => {
    const cwd = project(files(`'${URL}'`));
    const env = { NEST_MIGRATE_MIGRATIONS_TABLE: 'of_variable', NEST_MIGRATE_NAME: 'of_variable' };
    const { configuration } = await configured({ name: 'of_flag' }, { cwd, env });
    expect(configuration?.options).toMatchObject({
      migrationsTable: 'of_variable',
      name: 'of_flag',
    });
  });

  it('roles of --grant-to over those of the variable, which has commas between them', async () => {
    const cwd = project(files(`'${URL}'`));
    const env = { NEST_MIGRATE_GRANT_TO: 'app, reports' };
    const grantTo = (flags: object) =>
      configured({ ...flags }, { cwd, env }).then(
        (found) => found.configuration?.options?.['grantTo'],
      );
    expect(await grantTo({})).toEqual(['app', 'reports']);
    expect(await grantTo({ grantTo: ['other'] })).toEqual(['other']);
  });

  it('the folder of dumps over that of the variable', async () => {
    const cwd = project(files(`'${URL}'`));
    const env = { NEST_MIGRATE_BACKUP_DIRECTORY: '/of/variable' };
    const backup = (flags: object) =>
      configured({ ...flags }, { cwd, env }).then(
        (found) => found.configuration?.options?.['backup'],
      );
    expect(await backup({})).toEqual({ directory: '/of/variable' });
    expect(await backup({ backupDirectory: '/of/flag' })).toEqual({ directory: '/of/flag' });
  });

  it('DATABASE_URL where the file says nothing', async () => {
    const cwd = project(files('process.env.NOT_SET'));
    const { configuration } = await configured({}, { cwd, env: { DATABASE_URL: OTHER } });
    expect(configuration?.options).toMatchObject({
      database: { url: OTHER },
      migrationsTable: 'of_file',
    });
  });

  it('DATABASE_URL does not stand in for a file that names a host and no database', async () => {
    const config = `export default { dialect: 'postgresql', dbCredentials: { host: 'db.example', database: process.env.NOT_SET } };`;
    const cwd = project({ 'drizzle.config.mjs': config, ...journalIn('drizzle') });
    const env = { DATABASE_URL: OTHER, OPS_URL: OTHER };
    const { error } = await configured({}, { cwd, env });
    expect(error).toMatchObject({ code: 'CONFIGURATION' });
    expect(error?.message).toContain('dbCredentials.database');
    const named = await configured({ url: 'env:OPS_URL' }, { cwd, env });
    expect(named.configuration?.options?.database).toMatchObject({ url: OTHER });
  });

  it.each([
    ['DATABASE_URL', {}, { DATABASE_URL: 'postgresql://me:p#w@h/d' }],
    ['OPS_URL', { url: 'env:OPS_URL' }, { OPS_URL: 'postgresql://me:p#w@h/d' }],
    ['--url', { url: 'postgresql://me:p#w@h/d' }, {}],
    ['--migration-url', { url: URL, migrationUrl: 'mysql://me@h/d' }, {}],
  ])('a URL that cannot be used is called by its name: %s', async (name, flags, env) => {
    const given = { migrations: './drizzle', ...flags };
    const { error } = await configured(given, { cwd: project(journalIn('drizzle')), env });
    expect(error?.message.split(' ')[0]).toBe(name);
  });

  it('so is one of the file', async () => {
    const cwd = project(files(`'postgresql://me:p#w@h/d'`));
    const { error } = await configured({}, { cwd });
    expect(error?.message).toMatch(
      /^dbCredentials\.url of .*drizzle\.config\.mjs cannot be parsed/,
    );
  });

  it('a folder after --config is said to be one', async () => {
    const cwd = project({});
    const { error } = await configured({ config: cwd }, { cwd });
    expect(error).toMatchObject({ code: 'CONFIGURATION', place: { file: cwd } });
    expect(error?.message).toContain('is a folder');
  });

  it('a file that was found and a DATABASE_URL of another database: refused, without credentials in the message', async () => {
    const cwd = project(files(`'${URL}'`));
    const { error } = await configured({}, { cwd, env: { DATABASE_URL: OTHER } });
    expect(error?.code).toBe('CONFIGURATION');
    expect(error?.message).toContain('db.example:5432/app');
    expect(error?.message).toContain('other.example:5432/other');
    expect(JSON.stringify(error)).not.toContain('pw');
  });

  it('the same database by another login is no contradiction', async () => {
    const cwd = project(files(`'${URL}'`));
    const env = { DATABASE_URL: 'postgres://root:pw2@db.example/app' };
    expect((await configured({}, { cwd, env })).configuration?.options?.database).toMatchObject({
      url: URL,
    });
  });

  it('a file that was named wins over DATABASE_URL', async () => {
    const cwd = project(files(`'${URL}'`));
    const env = { DATABASE_URL: OTHER };
    const { configuration } = await configured({ config: 'drizzle.config.mjs' }, { cwd, env });
    expect(configuration?.options?.database).toMatchObject({ url: URL });
  });

  it('so does one that was found, when DATABASE_URL is only in .env', async () => {
    const cwd = project({ ...files(`'${URL}'`), '.env': `DATABASE_URL=${OTHER}` });
    expect((await configured({}, { cwd })).configuration?.options?.database).toMatchObject({
      url: URL,
    });
  });

  it('URL and folder from flags and environment need no file, and one that lies there is not loaded', async () => {
    const cwd = project({
      'drizzle.config.mjs': `throw new Error('loaded')`,
      ...journalIn('drizzle'),
    });
    const { configuration } = await configured(
      { migrations: './drizzle' },
      { cwd, env: { DATABASE_URL: 'mariadb://me@h/app' } },
    );
    expect(configuration?.options).toEqual({
      database: { dialect: 'mysql', url: 'mariadb://me@h/app' },
      migrations: './drizzle',
    });
    expect(configuration?.notes?.join()).toContain('is not read');
  });

  it('--url env:NAME reads the variable', async () => {
    const cwd = project({});
    const { configuration } = await configured({ url: 'env:MINE' }, { cwd, env: { MINE: URL } });
    expect(configuration?.options?.database).toEqual({ dialect: 'postgresql', url: URL });
    expect((await configured({ url: 'env:MINE' }, { cwd })).error?.code).toBe('CONFIGURATION');
  });

  it('--module takes all from the module', async () => {
    const cwd = project(files(`'${URL}'`));
    const { configuration } = await configured({ module: 'dist/m.js', name: 'orders' }, { cwd });
    expect(configuration).toEqual({ kind: 'module', file: join(cwd, 'dist/m.js'), name: 'orders' });
  });
});

describe('a configuration that cannot be used is a named error', () => {
  const SECRET = 'c4n4ry';
  const file = (text: string) => ({ 'drizzle.config.ts': text });
  /** Where the place is known to the line. */
  const LINES: Readonly<Record<string, number>> = { 'a syntax error': 2, 'a throw': 2 };
  it.each([
    ['nothing at all', {}, 'CONFIGURATION'],
    [
      'a syntax error',
      file(`export default {\n  url: 'postgres://me:${SECRET}@h/d\n};`),
      'CONFIGURATION',
    ],
    ['a throw', file(`\nthrow new Error('postgres://me:${SECRET}@h/d');`), 'CONFIGURATION'],
    [
      'a missing import',
      file(`import { x } from '@acme/env';\nexport default { url: x };`),
      'CONFIGURATION',
    ],
    ['malformed JSON', { 'drizzle.config.json': `{ "url": "${SECRET}` }, 'CONFIGURATION'],
    [
      'no dialect',
      file(`export default { dbCredentials: { url: 'postgres://me:${SECRET}@h/d' } };`),
      'CONFIGURATION',
    ],
    [
      'sqlite',
      file(`export default { dialect: 'sqlite', dbCredentials: { url: '${SECRET}' } };`),
      'UNSUPPORTED_DIALECT',
    ],
  ])('%s', async (name, files, code) => {
    const line = LINES[name];
    const cwd = project({ ...files, ...journalIn('drizzle') });
    const finished = await runCli(['status', '--json'], { cwd });
    const { error } = documentOf(finished);
    expect(error?.code).toBe(code);
    expect(finished.exitCode).toBe(64);
    expect(finished.stderr).toMatch(new RegExp(`^${code} \\(exit 64\\)\n`));
    const [config = ''] = Object.keys(files);
    expect(finished.stderr).toContain(
      config === '' ? '' : `${join(cwd, config)}${line === undefined ? '' : `:${line}\n`}`,
    );
    expect(finished.stdout + finished.stderr).not.toContain(SECRET);
  });

  it('names the package that a file imports in vain', async () => {
    const cwd = project(file(`import { x } from '@acme/env';\nexport default { url: x };`));
    expect((await configured({}, { cwd })).error?.message).toContain('@acme/env');
  });

  it('what a file prints does not get into the document', async () => {
    const cwd = project(file(`console.log('hello'); export default { dialect: 'turso' };`));
    const finished = await runCli(['status', '--json'], { cwd });
    expect(documentOf(finished).error?.code).toBe('UNSUPPORTED_DIALECT');
    expect(finished.stderr).toContain('hello');
  });
});
