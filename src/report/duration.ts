const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  sec: 1_000,
  min: 60_000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Reads a duration as people type it: `500ms`, `30s`, `10min`, `1.5h`; a bare `0` is allowed, any other bare number is not.
 * @returns milliseconds, or null when the text is no duration
 */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(text.trim().toLowerCase());
  if (match === null) return null;
  const amount = Number(match[1]);
  const unit = match[2] ?? '';
  // Seconds or milliseconds? A number without unit has been read both ways too often.
  if (unit === '') return amount === 0 ? 0 : null;
  const unitMs = UNIT_MS[unit];
  return unitMs === undefined ? null : Math.round(amount * unitMs);
}
