import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { servers, type TestDatabase } from '../servers/index.js';
import { type Consumer, createConsumer, type Finished } from './consumer.js';

/** A Drizzle project without Nest: drizzle-orm, and in time its one driver. */
describe('a plain Drizzle project', () => {
  let project: Consumer;
  const created: TestDatabase[] = [];

  beforeAll(async () => {
    project = await createConsumer({ type: 'module' }, 'drizzle-orm@^0.45.4');
    await project.copy('samples/postgres/drizzle', 'drizzle');
    await project.copy('samples/mysql/drizzle', 'mysql');
    await project.write({
      'drizzle.config.ts': `const dialect: string = 'postgresql';
export default { dialect, out: './drizzle', dbCredentials: { url: process.env.DATABASE_URL ?? '' } };`,
    });
  });
  afterAll(async () => {
    await Promise.all(created.map((database) => database.drop()));
    await project?.remove();
  });

  const migrate = (url: string, ...args: readonly string[]): Promise<Finished> =>
    project.run('npx', ['--no-install', 'nest-migrate', ...args], { DATABASE_URL: url });
  const module = (script: string): Promise<Finished> =>
    project.run('node', ['--input-type=module', '-e', script]);
  const installed = (name: string): boolean =>
    existsSync(join(project.folder, 'node_modules', name));

  it('gets no optional peer with it', () => {
    const peers = ['@nestjs', 'pg', 'mysql2', 'redlock', 'ioredis', 'drizzle-kit', '@electric-sql'];
    expect(peers.filter(installed)).toEqual([]);
    expect(installed('drizzle-orm')).toBe(true);
  });

  it('imports and requires the root entry', async () => {
    const name = JSON.stringify('nestjs-drizzle-migrator');
    const print = 'process.stdout.write(typeof all.createMigrator)';
    for (const finished of [
      await project.run('node', ['-e', `const all = require(${name}); ${print}`]),
      await module(`const all = await import(${name}); ${print}`),
    ])
      expect(finished).toEqual({ exitCode: 0, stdout: 'function', stderr: '' });
  });

  it.each([
    ['pg', 'postgresql://me@127.0.0.1:1/app'],
    ['mysql2', 'mysql://me@127.0.0.1:1/app'],
  ])('is asked for %s by name', async (name, url) => {
    const finished = await migrate('', 'up', '--json', '--url', url, '--migrations', 'drizzle');
    expect(finished.exitCode).toBe(64);
    expect(JSON.parse(finished.stdout)).toMatchObject({
      error: { code: 'MISSING_PACKAGE', remedy: `npm install ${name}` },
    });
  });

  it.each([
    [
      '@electric-sql/pglite',
      `import { createMigrator } from 'nestjs-drizzle-migrator';
       await createMigrator({ database: { dialect: 'postgresql', connection: { dataDir: './data' } } }).up()`,
    ],
    [
      'ioredis',
      `import { redlock } from 'nestjs-drizzle-migrator/redlock';
       await redlock({ urls: ['redis://127.0.0.1:1'] }).tryAcquire('scope', { id: 'x' }, new AbortController().signal)`,
    ],
  ])('is asked for %s by name, where it is used', async (name, script) => {
    const finished = await module(
      `${script.replace(/await (?=[^;]*$)/, 'const used = ')};
       await used.catch(({ code, remedy }) => process.stdout.write(JSON.stringify({ code, remedy })));`,
    );
    expect(finished.stderr).toBe('');
    expect(JSON.parse(finished.stdout)).toEqual({
      code: 'MISSING_PACKAGE',
      remedy: `npm install ${name}`,
    });
  });

  it('is told that the Nest entry point needs Nest', async () => {
    const finished = await module("await import('nestjs-drizzle-migrator/nest')");
    expect(finished.exitCode).not.toBe(0);
    expect(finished.stderr).toContain("Cannot find package '@nestjs/common'");
  });

  it.each([
    ['Postgres 18', 'postgres18', 'pg@^8', []],
    ['MySQL 9.7', 'mysql', 'mysql2@^3', ['--migrations', 'mysql', '--dialect', 'mysql']],
  ] as const)('migrates %s with its one driver, by npx', async (_name, server, driver, flags) => {
    await project.install(driver);
    const database = await (await servers[server]()).createDatabase();
    created.push(database);
    const address = server === 'mysql' ? ['--url', 'env:DATABASE_URL', ...flags] : [];
    const up = await migrate(database.url, 'up', '--json', ...address);
    expect(up).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(up.stdout)).toMatchObject({ ok: true, result: { outcome: 'applied' } });
    const status = await migrate(database.url, 'status', '--check', ...address);
    expect(status.exitCode).toBe(0);
    expect(status.stdout).toContain('0 pending');
    expect(installed('@nestjs')).toBe(false);
  });
});
