import type { Instance } from './instance.js';

/**
 * Instances of this very machine whose process is no more: a `nest start` that was ended without a goodbye. Asked on a developer's machine only, where a
 * host name means one machine.
 *
 * @returns their ids
 */
export function goneFromHere(
  instances: readonly Instance[],
  host: string,
  isAlive: (pid: number) => boolean = processLives,
): ReadonlySet<string> {
  return new Set(
    instances.filter((one) => one.host === host && !isAlive(one.pid)).map(({ id }) => id),
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
