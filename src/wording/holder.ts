import type { HolderInfo } from '../lock/lock.js';
import { formatDuration } from './duration.js';

/**
 * Who holds the lock, for a sentence: who, since when, last heard of when, and the id that `unlock --holder` takes.
 * `orders on web-1 (pid 7, build v2, for 3 min 5 s, last heartbeat 1.4 s ago, holder 0c5f...)`
 */
export function describeHolder(holder: HolderInfo | null): string {
  if (holder === null) return 'another session that has not recorded who it is';
  const { app, host, pid, release, heldForMs, heartbeatAgeMs, id } = holder;
  const facts = [
    `pid ${pid}`,
    ...(release === undefined ? [] : [`build ${release}`]),
    ...(heldForMs === undefined ? [] : [`for ${formatDuration(heldForMs)}`]),
    ...(heartbeatAgeMs === undefined
      ? []
      : [`last heartbeat ${formatDuration(heartbeatAgeMs)} ago`]),
    `holder ${id}`,
  ];
  return `${app} on ${host} (${facts.join(', ')})`;
}
