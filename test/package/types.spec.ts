import { type Consumer, createConsumer } from './consumer.js';

const ROOT_ENTRY = `
import { createMigrator, MigratorError, type MigratorOptions, type UpResult } from 'nestjs-drizzle-migrator';
const options: MigratorOptions = { database: { dialect: 'postgresql', url: 'postgresql://localhost/app' } };
export const result: Promise<UpResult> = createMigrator(options).up({ waitMs: 1000 });
export const codeOf = (error: unknown): string => (error instanceof MigratorError ? error.code : '');
// @ts-expect-error misuse is a compile error, and so the types are there
createMigrator({ database: { dialect: 'sqlite' } });
`;

const REDLOCK_ENTRY = `
import { createMigrator } from 'nestjs-drizzle-migrator';
import { redlock } from 'nestjs-drizzle-migrator/redlock';
export const migrator = createMigrator({
  database: { dialect: 'mysql', url: 'mysql://localhost/app' },
  coordinator: redlock({ urls: ['redis://localhost'] }),
});
`;

const TESTING_ENTRY = `
import { createTestDatabase, expectNoDrift, type MigratedTestDatabase } from 'nestjs-drizzle-migrator/testing';
export const database: Promise<MigratedTestDatabase> = createTestDatabase({ url: 'postgresql://localhost/app', migrations: './drizzle' });
export const drift: Promise<void> = expectNoDrift({ schema: {}, dialect: 'mysql', migrations: './drizzle' });
`;

const COMPILERS = ['5.9', '6.0', '7.0'] as const;

/** TypeScript 7 has no node10 any more; 6 asks for a word before it uses it. */
const RESOLUTIONS = [
  { name: 'nodenext', flags: ['--module', 'nodenext'], compilers: COMPILERS },
  {
    name: 'bundler',
    flags: ['--module', 'esnext', '--moduleResolution', 'bundler'],
    compilers: COMPILERS,
  },
  {
    name: 'node10',
    flags: ['--module', 'commonjs', '--moduleResolution', 'node10'],
    compilers: ['5.9', '6.0'],
  },
] as const;

const CASES = RESOLUTIONS.flatMap(({ name, flags, compilers }) =>
  compilers.map((compiler) => ({ name, flags, compiler })),
);

describe('the types of the package', () => {
  let project: Consumer;

  beforeAll(async () => {
    project = await createConsumer(
      {},
      'drizzle-orm@^0.45.4',
      '@types/node@^20',
      ...COMPILERS.map((version) => `ts${version.replace('.', '')}@npm:typescript@~${version}`),
    );
    await project.write({
      'src/root.ts': ROOT_ENTRY,
      'src/redlock.ts': REDLOCK_ENTRY,
      'src/testing.ts': TESTING_ENTRY,
    });
  });
  afterAll(() => project?.remove());

  const compile = (compiler: string, flags: readonly string[], ...files: readonly string[]) => {
    const deprecated = compiler === '6.0' ? ['--ignoreDeprecations', '6.0'] : [];
    return project.run('node', [
      `node_modules/ts${compiler.replace('.', '')}/bin/tsc`,
      ...['--noEmit', '--strict', '--target', 'es2023', '--types', 'node'],
      ...['--skipLibCheck', 'false', ...flags, ...deprecated, ...files],
    ]);
  };

  it.each(CASES)(
    'compile with TypeScript $compiler, $name, without optional peers and without skipLibCheck',
    async ({ compiler, flags }) => {
      const files = ['src/root.ts', 'src/redlock.ts', 'src/testing.ts'];
      expect(await compile(compiler, flags, ...files)).toMatchObject({
        exitCode: 0,
        stdout: '',
      });
    },
  );

  it.each(['11', '12'])('of the Nest entry point compile with Nest %s', async (version) => {
    await project.install(
      ...['common', 'core', 'terminus'].map((name) => `@nestjs/${name}@^${version}`),
      'reflect-metadata@^0.2',
      'rxjs@^7',
    );
    await project.write({
      'src/nest.ts': `
import { Module } from '@nestjs/common';
import { MigratorModule, runReleaseJob } from 'nestjs-drizzle-migrator/nest';
@Module({ imports: [MigratorModule.forRoot({ database: { dialect: 'mysql', url: 'mysql://localhost/app' } })] })
class MigrationsModule {}
export const job: Promise<void> = runReleaseJob(MigrationsModule);
`,
    });
    // Each compile reads all of Nest: one a compiler, and the oldest way.
    const some = CASES.filter(
      ({ name, compiler }) => name === 'nodenext' || (name === 'node10' && compiler === '5.9'),
    );
    for (const { compiler, flags } of some)
      expect(
        await compile(compiler, [...flags, '--experimentalDecorators'], 'src/nest.ts'),
      ).toMatchObject({ exitCode: 0, stdout: '' });
  });
});
