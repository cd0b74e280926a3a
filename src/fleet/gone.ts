import type { Instance } from './instance.js';

/**
 * Instances of this very process table whose process is no more: a `nest start` that was ended without a goodbye.
 *
 * @param machine as {@link thisMachine} says
 * @returns their ids
 */
export function goneFromHere(
  instances: readonly Instance[],
  machine: string | null,
  isAlive: (pid: number) => boolean = processLives,
): ReadonlySet<string> {
  if (machine === null) return new Set();
  return new Set(
    instances.filter((one) => one.machine === machine && !isAlive(one.pid)).map(({ id }) => id),
  );
}

/** Signal 0 only asks; EPERM is a process of somebody else's. */
function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
