import { Injectable, Module, Scope } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { CodeMigration, MigratorModule } from '../../src/nest/index.js';
import { discoverCodeMigrations } from '../../src/nest/code-migrations.js';
import type { CodeMigrationContext } from '../../src/options.js';
import { UNREACHABLE } from './options.js';

const context = { dialect: 'postgresql' } as CodeMigrationContext;

@Injectable()
class Log {
  readonly lines: string[] = [];
}

@CodeMigration('fill-slugs')
class FillSlugs {
  constructor(private readonly log: Log) {}
  up({ dialect }: CodeMigrationContext) {
    this.log.lines.push(`up on ${dialect}`);
    return Promise.resolve();
  }
}

@CodeMigration('of-orders', { migrator: 'orders' })
class OfOrders extends FillSlugs {
  constructor(log: Log) {
    super(log);
  }
  down() {
    return Promise.resolve();
  }
}

@Module({ providers: [Log, FillSlugs, OfOrders], exports: [Log] })
class CodeModule {}

const compile = (...imports: NonNullable<Parameters<typeof Module>[0]['imports']>) =>
  Test.createTestingModule({ imports: [DiscoveryModule, ...imports] }).compile();

it('providers under @CodeMigration are found, also in modules further down, and run with what Nest gave them', async () => {
  const app = await compile(CodeModule);
  const found = discoverCodeMigrations(app.get(DiscoveryService), 'default');
  expect(found.map(({ name }) => name)).toEqual(['fill-slugs']);
  await found[0]?.up(context);
  expect(app.get(Log, { strict: false }).lines).toEqual(['up on postgresql']);
});

it('each migrator gets its own', async () => {
  const app = await compile(CodeModule);
  const [found] = discoverCodeMigrations(app.get(DiscoveryService), 'orders');
  expect(found?.name).toBe('of-orders');
  expect(found).toHaveProperty('down');
});

it('one without a way back has no down', async () => {
  const app = await compile(CodeModule);
  expect(discoverCodeMigrations(app.get(DiscoveryService), 'default')[0]).not.toHaveProperty(
    'down',
  );
});

it('a class that two modules provide is one code migration', async () => {
  @Module({ providers: [Log, FillSlugs] })
  class Again {}
  const app = await compile(CodeModule, Again);
  expect(discoverCodeMigrations(app.get(DiscoveryService), 'default')).toHaveLength(1);
});

it('two classes of one name are refused when the module is built', async () => {
  @CodeMigration('fill-slugs')
  class Other {
    up() {
      return Promise.resolve();
    }
  }
  @Module({ providers: [Other] })
  class OtherModule {}
  await expect(
    compile(MigratorModule.forRoot(UNREACHABLE), CodeModule, OtherModule),
  ).rejects.toMatchObject({ code: 'CONFIGURATION' });
});

it('a request-scoped one is refused when it is called: there is no request', async () => {
  @Injectable({ scope: Scope.REQUEST })
  @CodeMigration('scoped')
  class Scoped {
    up() {
      return Promise.resolve();
    }
  }
  @Module({ providers: [Scoped] })
  class ScopedModule {}
  const app = await compile(ScopedModule);
  const [scoped] = discoverCodeMigrations(app.get(DiscoveryService), 'default');
  await expect(scoped?.up(context)).rejects.toMatchObject({ code: 'CONFIGURATION' });
});
