import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { MigrationsModule } from '../migrations.module.js';
import { HealthController } from './health.controller.js';

@Module({
  // Terminus would log every failed probe; the reasons are in the body, and the migrator logs each change once.
  imports: [TerminusModule.forRoot({ logger: false }), MigrationsModule],
  controllers: [HealthController],
})
export class HealthModule {}
