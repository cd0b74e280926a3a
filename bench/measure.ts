/** One line of the result. */
export interface Measured {
  readonly measure: string;
  /** Ours, as printed. */
  readonly ours: string;
  /** What it is compared with, as printed. */
  readonly peer: string;
  /** Ours over the peer's, or the figure itself where the target is not a ratio. */
  readonly figure: number;
  /** The figure may not be above it; null = it is there to be read. */
  readonly target: number | null;
  /** @default 'x' */
  readonly unit?: string;
}

/** How often each side runs; the median counts. */
export const RUNS = 5;

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * Runs both sides in turn, so that whatever else the machine does falls on both, after one run of each that does not count.
 * @returns the medians
 */
export async function interleave(
  ours: () => Promise<number>,
  peer: () => Promise<number>,
): Promise<{ readonly ours: number; readonly peer: number }> {
  await peer();
  await ours();
  const times = { ours: [] as number[], peer: [] as number[] };
  for (let run = 0; run < RUNS; run++) {
    times.peer.push(await peer());
    times.ours.push(await ours());
  }
  return { ours: median(times.ours), peer: median(times.peer) };
}

/** A ratio of two durations or sizes. */
export function ratio(
  measure: string,
  medians: { readonly ours: number; readonly peer: number },
  target: number,
  unit: 'ms' | 'MB' = 'ms',
): Measured {
  const print = (value: number): string => `${value.toFixed(unit === 'ms' ? 0 : 1)} ${unit}`;
  return {
    measure,
    ours: print(medians.ours),
    peer: print(medians.peer),
    figure: medians.ours / medians.peer,
    target,
  };
}
