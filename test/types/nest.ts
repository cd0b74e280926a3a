// Not run: `npm run typecheck` reads it. A line under @ts-expect-error that compiles after all fails it.
import { Injectable, Module } from '@nestjs/common';
import type { HealthIndicatorResult } from '@nestjs/terminus';
import type { Migrator, MigratorOptions } from '../../src/index.js';
import {
  getMigratorToken,
  InjectMigrationHealth,
  InjectMigrator,
  migrateBeforeStart,
  MigratorModule,
  runReleaseJob,
  type MigrationHealthIndicator,
} from '../../src/nest/index.js';
import { same } from './same.js';

const database = { dialect: 'postgresql', url: 'postgresql://h/d' } as const;

class Settings {
  readonly url = 'postgresql://h/d';
}

@Injectable()
class Factory {
  createMigratorOptions(): MigratorOptions {
    return { database };
  }
}

MigratorModule.forRoot({ database, name: 'orders', isGlobal: true });
MigratorModule.forRootAsync({ useFactory: () => ({ database }), name: 'orders', isGlobal: true });
MigratorModule.forRootAsync({
  inject: [Settings],
  useFactory: async ({ url }: Settings) => ({ database: { dialect: 'mysql', url } }),
});
MigratorModule.forRootAsync({ useClass: Factory });
MigratorModule.forRootAsync({ useExisting: Factory });

// @ts-expect-error a database is needed
MigratorModule.forRoot({ name: 'orders' });
// @ts-expect-error also from a factory
MigratorModule.forRootAsync({ useFactory: () => ({ name: 'orders' }) });
// @ts-expect-error and from a factory that takes its time
MigratorModule.forRootAsync({ useFactory: async () => ({ database: { dialect: 'sqlite' } }) });
// @ts-expect-error a class that makes no options
MigratorModule.forRootAsync({ useClass: Settings });

@Module({})
class MigrationsModule {}

@Injectable()
class Orders {
  @InjectMigrationHealth('orders') private readonly health!: MigrationHealthIndicator;
  @InjectMigrator() readonly property!: Migrator;

  constructor(
    @InjectMigrator() readonly migrator: Migrator,
    @InjectMigrator('orders') readonly orders: Migrator,
  ) {}

  check(): HealthIndicatorResult<'migrations'> {
    const result = this.health.check('migrations');
    same<typeof result, HealthIndicatorResult<'migrations'>>(true);
    // @ts-expect-error a result is found under its own key
    void result.database;
    return result;
  }
}

// @ts-expect-error a name is text
InjectMigrator(1);
same<ReturnType<typeof getMigratorToken>, symbol>(true);
same<ReturnType<typeof runReleaseJob>, Promise<void>>(true);
void runReleaseJob(MigrationsModule);
void migrateBeforeStart(MigrationsModule);
// @ts-expect-error a module is needed
void runReleaseJob();
// @ts-expect-error no provider of the application is one
void runReleaseJob({ provide: Orders });
