/** The part of Terminus' `HealthIndicatorService` that we use; `degraded` is new in Terminus 12. */
export interface HealthIndicators {
  check(key: string): {
    up(data?: object): object;
    down(data?: object): object;
    degraded?(data?: object): object;
  };
}

/**
 * Terminus' service, loaded here and not injected, so that an application without Terminus can use the rest of this entry point,
 * and `MigratorModule` needs no import of `TerminusModule`. The service holds no state and has no dependencies (Terminus 11 and 12).
 */
export async function loadHealthIndicators(): Promise<HealthIndicators> {
  try {
    const { HealthIndicatorService } = await import('@nestjs/terminus');
    return new HealthIndicatorService() as HealthIndicators;
  } catch (error) {
    if (isMissingModule(error)) return plainIndicators;
    throw error;
  }
}

/** Results of the shape that Terminus 12 makes, for an endpoint of the application's own. */
const plainIndicators: HealthIndicators = {
  check: (key) => ({
    up: (data) => ({ [key]: { ...data, status: 'up' } }),
    down: (data) => ({ [key]: { ...data, status: 'down' } }),
    degraded: (data) => ({ [key]: { ...data, status: 'degraded' } }),
  }),
};

function isMissingModule(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND')
  );
}
