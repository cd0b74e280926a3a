const UNITS = ['kB', 'MB', 'GB', 'TB'] as const;

/** Bytes for people, in powers of 1000: `512 bytes`, `1.5 MB`, `100 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 'bytes';
  for (const next of UNITS) {
    // What would be rounded to 1000 is one of the next.
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  const digits = unit === 'bytes' || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits).replace(/\.0$/, '')} ${unit}`;
}
