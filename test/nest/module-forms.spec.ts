import { Inject, Injectable, Module, type INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import type { Migrator } from '../../src/migrator.js';
import type { MigratorOptions } from '../../src/options.js';
import {
  DRIZZLE_CLIENT,
  getMigrationHealthToken,
  getMigratorToken,
  InjectMigrationHealth,
  InjectMigrator,
  MigrationHealthIndicator,
  MigratorModule,
} from '../../src/nest/index.js';
import { UNREACHABLE } from './options.js';

@Injectable()
class OptionsService {
  createMigratorOptions(): MigratorOptions {
    return UNREACHABLE;
  }
}

@Module({ providers: [OptionsService], exports: [OptionsService] })
class OptionsModule {}

@Injectable()
class UsesMigrator {
  constructor(@InjectMigrator() readonly migrator: Migrator) {}
}

const open: INestApplicationContext[] = [];
async function boot(...imports: NonNullable<Parameters<typeof Module>[0]['imports']>) {
  const app = await Test.createTestingModule({ imports, providers: [] }).compile();
  await app.init();
  open.push(app);
  return app;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

const forms = {
  forRoot: MigratorModule.forRoot(UNREACHABLE),
  'forRootAsync with useFactory': MigratorModule.forRootAsync({
    imports: [OptionsModule],
    inject: [OptionsService],
    useFactory: (options: OptionsService) => Promise.resolve(options.createMigratorOptions()),
  }),
  'forRootAsync with useClass': MigratorModule.forRootAsync({ useClass: OptionsService }),
  'forRootAsync with useExisting': MigratorModule.forRootAsync({
    imports: [OptionsModule],
    useExisting: OptionsService,
  }),
};

describe.each(Object.entries(forms))('%s', (_name, form) => {
  it('provides a migrator and its indicator, and begins to read', async () => {
    const app = await boot(form);
    const migrator = app.get<Migrator>(getMigratorToken());
    expect(migrator.name).toBe('default');
    await migrator.readiness.refreshed();
    expect(app.get(MigrationHealthIndicator).check('migrations')).toEqual({
      migrations: { status: 'down', reasons: [{ code: 'db_unreachable' }] },
    });
  });
});

it('is seen by modules that do not import it, where it is global', async () => {
  @Module({ providers: [UsesMigrator] })
  class Feature {}
  const app = await boot(MigratorModule.forRoot({ ...UNREACHABLE, isGlobal: true }), Feature);
  expect(app.get(UsesMigrator, { strict: false }).migrator.name).toBe('default');
});

it('is not, where it is not', async () => {
  @Module({ providers: [UsesMigrator] })
  class Feature {}
  await expect(boot(MigratorModule.forRoot(UNREACHABLE), Feature)).rejects.toThrow(/resolve/);
});

it('several databases are several migrators, each with its own indicator', async () => {
  @Injectable()
  class UsesBoth {
    constructor(
      @InjectMigrator('orders') readonly orders: Migrator,
      @InjectMigrator('stock') readonly stock: Migrator,
      @InjectMigrationHealth('orders') readonly ordersHealth: MigrationHealthIndicator,
      @InjectMigrationHealth('stock') readonly stockHealth: MigrationHealthIndicator,
    ) {}
  }
  @Module({
    imports: [
      MigratorModule.forRoot({ ...UNREACHABLE, name: 'orders' }),
      MigratorModule.forRootAsync({ name: 'stock', useFactory: () => UNREACHABLE }),
    ],
    providers: [UsesBoth],
  })
  class Both {}
  const app = await boot(Both);
  const both = app.get(UsesBoth);
  expect([both.orders.name, both.stock.name]).toEqual(['orders', 'stock']);
  expect(both.ordersHealth).not.toBe(both.stockHealth);
  expect(app.get(getMigrationHealthToken('orders'), { strict: false })).toBe(both.ordersHealth);
});

it('two applications in one process share nothing', async () => {
  const [one, two] = [
    await boot(MigratorModule.forRoot(UNREACHABLE)),
    await boot(MigratorModule.forRoot(UNREACHABLE)),
  ];
  const migrators = [one, two].map((app) => app.get<Migrator>(getMigratorToken()));
  expect(migrators[0]).not.toBe(migrators[1]);
  await one.close();
  await migrators[1]?.readiness.refreshed();
  expect(migrators.map((migrator) => migrator.readiness.current().reasons[0]?.code)).toEqual([
    'unknown',
    'db_unreachable',
  ]);
});

it('a client that another module provides comes by its token', async () => {
  const pool = new pg.Pool({ host: '127.0.0.1', port: 1, user: 'u', database: 'd' });
  @Module({
    providers: [{ provide: DRIZZLE_CLIENT, useValue: drizzle(pool) }],
    exports: [DRIZZLE_CLIENT],
  })
  class DrizzleModule {}
  @Injectable()
  class Sees {
    constructor(@Inject(DRIZZLE_CLIENT) readonly client: unknown) {}
  }
  let handed: unknown;
  const app = await boot(
    { module: class Root {}, imports: [DrizzleModule], providers: [Sees] },
    MigratorModule.forRootAsync({
      imports: [DrizzleModule],
      inject: [DRIZZLE_CLIENT],
      useFactory: (client: unknown) => {
        handed = client;
        return { ...UNREACHABLE, database: { dialect: 'postgresql', client } };
      },
    }),
  );
  expect(handed).toBe(app.get(Sees, { strict: false }).client);
});

describe('options that cannot be', () => {
  it.each([
    ['missing', undefined],
    ['without a database', {}],
    ['of a dialect that is not supported', { database: { dialect: 'sqlite', url: 'x' } }],
    ['whose name differs from that of the module', { ...UNREACHABLE, name: 'other' }],
  ])(
    '%s: refused when the module is built, with an error of ours and no secret in it',
    async (_name, options) => {
      const error: unknown = await boot(
        MigratorModule.forRootAsync({ useFactory: () => options as MigratorOptions }),
      ).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'MigratorError', exitCode: 64 });
      expect(JSON.stringify(error)).not.toContain('canary');
    },
  );
});

describe('a migrations module that exports MigratorModule', () => {
  it('lets the application inject from it, also of several databases', async () => {
    @Module({
      imports: [
        MigratorModule.forRoot(UNREACHABLE),
        MigratorModule.forRootAsync({ name: 'stock', useFactory: () => UNREACHABLE }),
      ],
      exports: [MigratorModule],
    })
    class MigrationsModule {}
    @Injectable()
    class Health {
      constructor(
        readonly migrations: MigrationHealthIndicator,
        @InjectMigrator() readonly migrator: Migrator,
        @InjectMigrator('stock') readonly stock: Migrator,
        @InjectMigrationHealth('stock') readonly stockHealth: MigrationHealthIndicator,
      ) {}
    }
    @Module({ imports: [MigrationsModule], providers: [Health] })
    class AppModule {}
    const app = await boot(AppModule);
    const { migrator, stock, migrations, stockHealth } = app.get(Health);
    expect([migrator.name, stock.name]).toEqual(['default', 'stock']);
    expect(migrations).not.toBe(stockHealth);
  });
});
