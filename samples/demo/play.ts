import Table from 'cli-table3';
import type { Ended } from './child.js';

const NO_ROW_LINES = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' } as const;

/** Everything that must be gone when the demo ends, last started first. */
export class Cleanup {
  private readonly steps: (() => Promise<void>)[] = [];

  add<T>(thing: T, stop: (thing: T) => Promise<void>): T {
    this.steps.unshift(() => stop(thing));
    return thing;
  }

  async run(): Promise<void> {
    for (let step = this.steps.shift(); step; step = this.steps.shift()) await step();
  }
}

/** A demonstration. */
export interface Play {
  readonly head: readonly string[];
  readonly deadlineMs: number;
  /** Returns the rows of the table that is printed at the end; rejects when something was not as it must be. */
  readonly act: (cleanup: Cleanup, signal: AbortSignal) => Promise<readonly (readonly string[])[]>;
}

/** Plays it and sets the exit code: 0, 1, or that of the signal which stopped it. */
export async function play({ head, deadlineMs, act }: Play): Promise<void> {
  const stop = new AbortController();
  const cleanup = new Cleanup();
  let interrupted: number | undefined;
  const deadline = setTimeout(() => stop.abort(new Error('The demo took too long')), deadlineMs);
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason as Error));
  });
  for (const [name, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(name, () => {
      interrupted = code;
      stop.abort(new Error(`Stopped by ${name}`));
    });
  }
  const startedAt = performance.now();
  try {
    const rows = await Promise.race([act(cleanup, stop.signal), stopped]);
    const table = new Table({
      head: [...head],
      style: { head: [], border: [] },
      chars: NO_ROW_LINES,
    });
    table.push(...rows.map((cells) => [...cells]));
    say(`\n${table.toString()}\nDone in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
  } catch (error) {
    process.exitCode = interrupted ?? 1;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  } finally {
    clearTimeout(deadline);
    stop.abort();
    await cleanup.run();
  }
}

/** How a process ended, in words. */
export function outcome(ended: Ended): string {
  return `exit ${ended.exitCode} after ${(ended.durationMs / 1000).toFixed(1)} s`;
}

/** What has to hold for the demonstration to be one. */
export function expect(fact: boolean, what: string): asserts fact {
  if (!fact) throw new Error(`This did not hold: ${what}`);
}

/** Prints a line. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
