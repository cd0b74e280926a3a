import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { servers, type TestDatabase } from '../servers/index.js';
import { documentOf, journalIn, project, removeProjects, runCli, type Finished } from './child.js';

const ROOT = resolve(import.meta.dirname, '../..');
let database: TestDatabase;

beforeEach(async () => {
  database = await (await servers.postgres18()).createDatabase();
});
afterEach(() => database.drop());
afterAll(removeProjects);

const IMPORTS = `import 'reflect-metadata';
import { Module, Logger } from '@nestjs/common';
import { MigratorModule } from 'nestjs-drizzle-migrator/nest';
const database = { dialect: 'postgresql', url: process.env.DATABASE_URL };
`;

const ONE = `${IMPORTS}
export class MigrationsModule { onModuleInit() { new Logger('Mine').log('booted'); console.log('printed'); } }
Module({ imports: [MigratorModule.forRoot({ database, migrations: './drizzle' })] })(MigrationsModule);`;

function nest(module: string, ...args: string[]): Promise<Finished> {
  const cwd = project({
    ...journalIn('drizzle'),
    'package.json': '{ "type": "module" }',
    'dist/migrations.module.js': module,
  });
  symlinkSync(join(ROOT, 'node_modules'), join(cwd, 'node_modules'));
  return runCli([...args, '--module', 'dist/migrations.module.js', '--json'], {
    cwd,
    env: { DATABASE_URL: database.url },
  });
}

it('a compiled module is migrated, and what it prints stays on stderr', async () => {
  const up = await nest(ONE, 'up');
  expect(documentOf(up)).toMatchObject({ ok: true, result: { applied: [{ tag: '0000_first' }] } });
  expect(up.exitCode).toBe(0);
  expect(up.stderr).toContain('[Mine] booted');
  expect(up.stderr).toContain('printed');
});

it('of several databases, --name says which', async () => {
  const TWO = `${IMPORTS}
  export default class Databases {}
  Module({ imports: ['orders', 'billing'].map((name) =>
    MigratorModule.forRoot({ name, database, migrations: './drizzle', migrationsSchema: name })) })(Databases);`;
  const unnamed = await nest(TWO, 'status');
  expect(unnamed.exitCode).toBe(64);
  expect(documentOf(unnamed).error?.message).toContain('orders, billing');
  const named = await nest(TWO, 'status', '--name', 'billing');
  expect(documentOf(named)).toMatchObject({
    ok: true,
    result: { ledger: { table: expect.stringContaining('billing') } },
  });
});

it.each([
  ['no such file', 'up', '', 'CONFIGURATION'],
  ['no module in it', 'status', 'export const x = 1;', 'CONFIGURATION'],
  [
    'a module without MigratorModule',
    'status',
    `${IMPORTS} export class Empty {} Module({ imports: [] })(Empty);`,
    'CONFIGURATION',
  ],
  ['an import that fails', 'status', `throw new Error(process.env.DATABASE_URL);`, 'CONFIGURATION'],
])('%s is a named error', async (name, command, module, code) => {
  const finished =
    name === 'no such file'
      ? await runCli([command, '--module', 'dist/nope.js', '--json'], { cwd: project({}) })
      : await nest(module, command);
  expect(finished.exitCode).toBe(64);
  expect(documentOf(finished).error?.code).toBe(code);
  expect(finished.stdout + finished.stderr).not.toContain(database.url);
});

it('a factory that throws what a driver throws shows no secret', async () => {
  const throwing = `${IMPORTS}
  export class MigrationsModule {}
  Module({ imports: [MigratorModule.forRootAsync({ useFactory: () => { throw new Error('connect ' + process.env.DATABASE_URL); } })] })(MigrationsModule);`;
  const finished = await nest(throwing, 'status');
  expect(finished.exitCode).toBe(64);
  expect(documentOf(finished).error?.code).toBe('CONFIGURATION');
  expect(finished.stdout + finished.stderr).not.toContain(database.url);
});
