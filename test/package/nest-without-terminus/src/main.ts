import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { Controller, Get, Module, ServiceUnavailableException } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  isReleaseJob,
  MigrationHealthIndicator,
  MigratorModule,
  runReleaseJob,
} from 'nestjs-drizzle-migrator/nest';

@Module({
  imports: [
    MigratorModule.forRootAsync({
      useFactory: () => ({
        database: { dialect: 'postgresql', url: process.env['DATABASE_URL'] ?? '' },
        migrations: './drizzle',
        readiness: { notReadyIntervalMs: 100 },
      }),
    }),
  ],
  exports: [MigratorModule],
})
class MigrationsModule {}

/** An endpoint of the application's own: the indicator's result is its body. */
@Controller()
class HealthController {
  constructor(private readonly migrations: MigrationHealthIndicator) {}

  @Get('ready')
  ready() {
    const result = this.migrations.check('migrations');
    if (result.migrations.status === 'down') throw new ServiceUnavailableException(result);
    return result;
  }
}

@Module({ imports: [MigrationsModule], controllers: [HealthController] })
class AppModule {}

async function serve(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  app.enableShutdownHooks();
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();
  process.stdout.write(`listening on ${port}\n`);
}

void (isReleaseJob() ? runReleaseJob(MigrationsModule) : serve());
