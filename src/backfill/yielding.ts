/** Milliseconds that a chunk is always given: below, a commit costs more than its rows. */
const SHORTEST_MS = 20;
const BACK_OFF = 4;
const RECOVERY = 1.1;

/** Milliseconds of a chunk while others are at work: who wants one of its rows waits that long, and so does nearly nobody. */
const BESIDE_OTHERS_MS = 50;

/** Milliseconds that a chunk may take at most while others are at work. */
export function besideOthers(fullMs: number): number {
  return Math.min(fullMs, BESIDE_OTHERS_MS);
}

/**
 * How long chunks may take while others want the same rows: rows stay locked until their chunk commits, so whoever wants one waits for the
 * rest of it. A quarter at once when somebody was seen waiting, a tenth more after each look that saw nobody. Pure.
 *
 * @param targetMs what is aimed at now
 * @param fullMs what is aimed at while nobody waits
 */
export function yieldingTarget(targetMs: number, fullMs: number, blocked: number): number {
  const next = blocked > 0 ? targetMs / BACK_OFF : targetMs * RECOVERY;
  return Math.min(fullMs, Math.max(Math.min(SHORTEST_MS, fullMs), next));
}
