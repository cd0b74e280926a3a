import type { ReadinessOptions } from '../options.js';

/** {@link ReadinessOptions} with every default filled in. */
export type ResolvedReadinessOptions = Required<ReadinessOptions>;

/** Defaults of readiness (operating.md 2.3, 2.4). */
export const READINESS_DEFAULTS: ResolvedReadinessOptions = {
  notReadyIntervalMs: 1_000,
  readyIntervalMs: 10_000,
  unreachableGraceMs: 15_000,
  onUnreachable: 'down',
  queryTimeoutMs: 500,
  checksum: 'degraded',
  diverged: 'down',
  unknownAhead: 'degraded',
};

/** Merges the options with their defaults; `undefined` means the default. */
export function resolveReadinessOptions(options: ReadinessOptions = {}): ResolvedReadinessOptions {
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  );
  return { ...READINESS_DEFAULTS, ...given };
}
