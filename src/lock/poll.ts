/**
 * Milliseconds until the next poll: full jitter below a bound that doubles from `pollMinMs` to `pollMaxMs`, so that fifty
 * waiters neither ask in step nor leave the last of them asleep for longer than the bound.
 * @param attempt how many polls missed so far, from 1
 * @param random in [0, 1)
 */
export function pollDelay(
  attempt: number,
  options: { readonly pollMinMs: number; readonly pollMaxMs: number },
  random: number,
): number {
  const bound = Math.min(options.pollMaxMs, options.pollMinMs * 2 ** Math.min(attempt, 30));
  return options.pollMinMs + random * Math.max(0, bound - options.pollMinMs);
}
