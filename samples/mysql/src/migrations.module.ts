import { Module } from '@nestjs/common';
import { MigratorModule } from 'nestjs-drizzle-migrator/nest';
import { databaseUrl } from './database/database-url.js';
import { operations } from './operations.js';

/** What the release job boots, and all it boots: nothing in here needs the new schema to start. */
@Module({
  imports: [
    MigratorModule.forRootAsync({
      useFactory: () => ({
        database: { dialect: 'mysql', url: databaseUrl() },
        migrations: new URL('../drizzle', import.meta.url),
        operations,
      }),
    }),
  ],
  exports: [MigratorModule],
})
export class MigrationsModule {}
