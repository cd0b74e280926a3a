const UNITS_MS = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 } as const;

/** The largest time-out that Postgres takes: a signed 32-bit number of milliseconds. */
const MAX_MS = 2_147_483_647;

/**
 * A duration as directives write it: a whole number and `ms`, `s`, `min` or `h`.
 *
 * @returns milliseconds, or null when it is none, is zero or is longer than a server can count (24 days)
 */
export function durationMs(text: string): number | null {
  const [, number, unit] = /^(\d{1,10})\s?(ms|s|min|h)$/.exec(text) ?? [];
  if (number === undefined || unit === undefined) return null;
  const ms = Number(number) * UNITS_MS[unit as keyof typeof UNITS_MS];
  return ms > 0 && ms <= MAX_MS ? ms : null;
}
