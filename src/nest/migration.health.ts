import { Inject, Injectable, type InjectionToken } from '@nestjs/common';
import type { HealthIndicatorResult } from '@nestjs/terminus';
import type { Migrator } from '../migrator.js';
import type { Readiness, Reason } from '../readiness/readiness.js';
import type { HealthIndicators } from './health-indicators.js';
import { DEFAULT_MIGRATOR, HEALTH_INDICATORS, MIGRATOR } from './migrator.tokens.js';

/**
 * Readiness for Terminus. Reads memory: no query, no wait, never an exception, so that a probe gets its 200 or 503 whatever happens.
 *
 * @example
 * ```ts
 * @Get('ready') @HealthCheck()
 * ready() { return this.health.check([() => this.migrations.check('migrations')]); }
 * ```
 */
@Injectable()
export class MigrationHealthIndicator {
  constructor(
    @Inject(MIGRATOR) private readonly migrator: Migrator,
    @Inject(HEALTH_INDICATORS) private readonly indicators: HealthIndicators,
  ) {}

  /**
   * `up` and `degraded` answer 200, `down` 503. Bodies hold reason codes, tags and counts.
   * Terminus 11 knows no `degraded`: there it is `up` with `degraded: true`.
   * @param key under which the result stands in the body
   */
  check<const Key extends string>(key: Key): HealthIndicatorResult<Key> {
    return toTerminus(this.indicators, key, this.read()) as HealthIndicatorResult<Key>;
  }

  /** An indicator that throws would be a 500 without a health body (Terminus 12.1), which no dashboard counts as not ready. */
  private read(): Readiness {
    try {
      return this.migrator.readiness.current();
    } catch {
      return { state: 'down', reasons: [{ code: 'unknown' }] };
    }
  }
}

/**
 * The injection token of a migrator's indicator: the class itself for the migrator without a name.
 * @param name as given to `MigratorModule.forRoot({ name })`. @default 'default'
 */
export function getMigrationHealthToken(name: string = DEFAULT_MIGRATOR): InjectionToken {
  return name === DEFAULT_MIGRATOR
    ? MigrationHealthIndicator
    : Symbol.for(`nestjs-drizzle-migrator:health:${name}`);
}

/** Injects the indicator of a named migrator: `@InjectMigrationHealth('orders') private readonly orders: MigrationHealthIndicator`. */
export function InjectMigrationHealth(name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(getMigrationHealthToken(name));
}

function toTerminus(indicators: HealthIndicators, key: string, readiness: Readiness): object {
  const check = indicators.check(key);
  const data = { reasons: readiness.reasons.map(publicReason) };
  switch (readiness.state) {
    case 'up':
      return check.up();
    case 'degraded':
      // The method, not the version, is what tells Terminus 12 from 11: a status that 11 does not know is dropped there, which would be open.
      return typeof check.degraded === 'function'
        ? check.degraded(data)
        : check.up({ degraded: true, ...data });
    case 'down':
      return check.down(data);
  }
}

/** Bodies of health endpoints are public: nothing but these four fields gets there. */
function publicReason({ code, tags, count, failed }: Reason): Reason {
  return {
    code,
    ...(tags !== undefined && { tags }),
    ...(count !== undefined && { count }),
    ...(failed !== undefined && { failed }),
  };
}
