import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { servers, type TestDatabase } from '../servers/index.js';
import { type Consumer, createConsumer } from './consumer.js';

/** The bodies of Terminus, and those of the indicator alone. */
const TERMINUS = {
  down: { status: 'error', error: { migrations: { status: 'down' } } },
  up: { status: 'ok', info: { migrations: { status: 'up' } } },
};
const INDICATOR = {
  down: { migrations: { status: 'down' } },
  up: { migrations: { status: 'up' } },
};

/** What most projects are, and what new ones will be. Terminus goes with Nest. */
const APPLICATIONS = [
  {
    name: 'a CommonJS Nest 11 application',
    source: 'nest-application',
    packageJson: {},
    nest: 11,
    packages: ['terminus'],
    typescript: '5.9',
    body: TERMINUS,
  },
  {
    name: 'an ESM Nest 12 application',
    source: 'nest-application',
    packageJson: { type: 'module' },
    nest: 12,
    packages: ['terminus'],
    typescript: '6.0',
    body: TERMINUS,
  },
  {
    name: 'a Nest 12 application without Terminus',
    source: 'nest-without-terminus',
    packageJson: { type: 'module' },
    nest: 12,
    packages: [],
    typescript: '6.0',
    body: INDICATOR,
  },
] as const;

describe.each(APPLICATIONS)('$name', (application) => {
  const { source, packageJson, nest, packages, typescript, body } = application;
  let app: Consumer;
  let database: TestDatabase;

  beforeAll(async () => {
    app = await createConsumer(
      packageJson,
      ...['common', 'core', 'platform-express', ...packages].map(
        (name) => `@nestjs/${name}@^${nest}`,
      ),
      ...['drizzle-orm@^0.45.4', 'pg@^8', 'reflect-metadata@^0.2', 'rxjs@^7'],
      ...[`typescript@~${typescript}`, '@types/node@^20'],
    );
    await app.copy(`test/package/${source}`, '.');
    await app.copy('samples/postgres/drizzle', 'drizzle');
    await app.write({
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          module: 'nodenext',
          target: 'es2023',
          strict: true,
          experimentalDecorators: true,
          emitDecoratorMetadata: true,
          rootDir: 'src',
          outDir: 'dist',
          types: ['node'],
          // As `nest new` has it: the indicator's type is Terminus's.
          skipLibCheck: packages.length === 0,
        },
        include: ['src'],
      }),
    });
    database = await (await servers.postgres18()).createDatabase();
  });
  afterAll(async () => {
    await database?.drop();
    await app?.remove();
  });

  it('requires every entry point without a word', async () => {
    for (const entry of ['nestjs-drizzle-migrator', 'nestjs-drizzle-migrator/nest']) {
      const script = `const all = require(${JSON.stringify(entry)}); process.stdout.write(Object.keys(all).join());`;
      const finished = await app.run('node', ['--input-type=commonjs', '-e', script]);
      expect(finished).toMatchObject({ exitCode: 0, stderr: '' });
      expect(finished.stdout).toMatch(/createMigrator|MigratorModule/);
    }
  });

  it('compiles, answers 503, and 200 after its release job, without a restart', async () => {
    const compiled = await app.run('node_modules/.bin/tsc', ['-p', '.']);
    expect(compiled).toMatchObject({ exitCode: 0, stdout: '' });

    const env = { DATABASE_URL: database.url };
    const replica = app.start('node', ['dist/main.js'], env);
    try {
      const ready = `http://127.0.0.1:${await portOf(replica)}/ready`;
      const before = await fetch(ready);
      expect(before.status).toBe(503);
      expect(await before.json()).toMatchObject(body.down);

      const job = await app.run('node', ['dist/main.js', '--release-job'], env);
      expect(job).toMatchObject({ exitCode: 0 });

      const after = await eventually(
        () => fetch(ready),
        ({ status }) => status === 200,
      );
      expect(await after.json()).toMatchObject(body.up);
      expect((await app.run('node', ['dist/main.js', '--release-job'], env)).exitCode).toBe(0);
    } finally {
      if (replica.exitCode === null) {
        const gone = once(replica, 'exit');
        replica.kill('SIGTERM');
        await gone;
      }
    }
  });

  it('is asked for the packages of the coordinator by name, one by one, before anything is changed', async () => {
    const empty = await (await servers.postgres18()).createDatabase();
    const script = `
      import { createMigrator } from 'nestjs-drizzle-migrator';
      import { redlock } from 'nestjs-drizzle-migrator/redlock';
      const migrator = createMigrator({
        database: { dialect: 'postgresql', url: process.env.DATABASE_URL },
        migrations: './drizzle',
        coordinator: redlock({ urls: ['redis://127.0.0.1:1'] }),
      });
      await migrator.up().catch(({ code, exitCode, remedy }) => console.log(JSON.stringify({ code, exitCode, remedy })));
      await migrator.close();`;
    const up = () =>
      app.run('node', ['--input-type=module', '-e', script], { DATABASE_URL: empty.url });
    try {
      for (const missing of ['ioredis', 'redlock']) {
        const finished = await up();
        expect(finished).toMatchObject({ exitCode: 0, stderr: '' });
        expect(JSON.parse(finished.stdout)).toEqual({
          code: 'MISSING_PACKAGE',
          exitCode: 64,
          remedy: `npm install ${missing}`,
        });
        if (missing === 'ioredis') await app.install('ioredis@^6');
      }
      expect(
        await empty.query("select 1 from pg_class where relnamespace = 'public'::regnamespace"),
      ).toEqual([]);
    } finally {
      await empty.drop();
    }
  });

  it('has the command line', async () => {
    const version = await app.run('npx', ['--no-install', 'nest-migrate', '--version']);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const status = await app.run('npx', ['--no-install', 'nest-migrate', 'status', '--check'], {
      DATABASE_URL: database.url,
    });
    expect(status.exitCode).toBe(0);
  });
});

function portOf(replica: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    replica.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const port = /listening on (\d+)/.exec(text)?.[1];
      if (port !== undefined) resolve(port);
    });
    replica.once('exit', () => reject(new Error(`ended without a port: ${text}`)));
  });
}

/** Asks until the answer fits; the bound exists only to fail. */
async function eventually<T>(ask: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const answer = await ask();
    if (fits(answer) || performance.now() > deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
