import { Controller, Get } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { MigrationHealthIndicator } from 'nestjs-drizzle-migrator/nest';

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly migrations: MigrationHealthIndicator,
  ) {}

  /** The process is alive. Asks nobody: a database that is down is no reason to restart replicas. */
  @Get('live')
  live(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  /** 503 until the database has what this build needs. Reads memory, so a probe costs no query. */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.migrations.check('migrations')]);
  }
}
