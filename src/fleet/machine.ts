import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Which process table a process id of this process counts in: that of a kernel, since it was started, and of one of its containers. Two processes for which
 * this is the same can ask whether the other lives.
 *
 * @returns null where a container cannot be told from its host
 */
export function thisMachine(): string | null {
  if (process.platform !== 'linux') return `${process.platform} ${hostname()}`;
  try {
    const kernel = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${kernel} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return null;
  }
}
