import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The processes that work inside a directory of ours: every server does. Linux only, elsewhere it finds none. */
export function processesIn(directory: string): readonly number[] {
  return processIds().filter((pid) => {
    const at = workingDirectory(pid);
    return pid !== process.pid && (at === directory || at?.startsWith(`${directory}/`) === true);
  });
}

/** Kills what a killed test process left behind in its directory. */
export function killProcessesIn(directory: string): void {
  for (const pid of processesIn(directory)) send(pid, 'SIGKILL');
}

/** A process and all its descendants, parents first. */
export function family(root: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const pid of processIds()) {
    const parent = statOf(pid)?.parent;
    if (parent !== undefined) parents.set(pid, parent);
  }
  const members = [root];
  for (const member of members) {
    for (const [pid, parent] of parents) if (parent === member) members.push(pid);
  }
  return members;
}

function processIds(): readonly number[] {
  if (!existsSync('/proc/self/stat')) return [];
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** State letter and parent of a process, as the kernel tells. */
export function statOf(
  pid: number,
): { readonly state: string | undefined; readonly parent: number } | undefined {
  try {
    // The command name stands in parentheses and may contain anything, hence the last one; then state and parent follow.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined; // it ended meanwhile
  }
}

/** Whether a process still runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  const state = statOf(pid)?.state;
  return state !== undefined && state !== 'Z';
}

function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // it ended meanwhile, or belongs to somebody else
  }
}

/** Sends a signal to a process that may be gone already. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
