import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { isReleaseJob, runReleaseJob } from 'nestjs-drizzle-migrator/nest';
import { AppModule } from './app.module.js';
import { useDevelopmentDatabase } from './development/use-development-database.js';
import { MigrationsModule } from './migrations.module.js';

// One image, two roles: `node dist/main.js --release-job` migrates and exits, `node dist/main.js` serves and never migrates.
await useDevelopmentDatabase();
if (isReleaseJob()) await runReleaseJob(MigrationsModule);
else await serve();

async function serve(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn', 'log'] });
  app.enableShutdownHooks();
  await app.listen(process.env['PORT'] ?? 3000);
}
