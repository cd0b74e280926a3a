import { hostname } from 'node:os';

import type { FenceRow, HolderInfo, Scope } from './lock.js';
import { shortScope } from './scope.js';

/** Longest `application_name` that Postgres keeps (NAMEDATALEN - 1). */
const APPLICATION_NAME_BYTES = 63;

/** Who this run is. Identity and time come in as arguments; host and pid are the process's. */
export function createHolder(init: {
  /** UUID, new for every run. */
  readonly id: string;
  readonly app: string;
  readonly release?: string | null;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}): HolderInfo {
  return {
    id: init.id,
    host: hostname(),
    pid: process.pid,
    app: init.app,
    ...(init.release != null && { release: init.release }),
    startedAt: new Date(init.startedAt).toISOString(),
  };
}

/** The holder that a fence row names, with its ages. Hand-written rows miss fields: those come out empty. */
export function holderOf(row: FenceRow): HolderInfo | null {
  if (row.holderId === null) return null;
  const recorded = row.holder ?? {};
  const text = (key: string): string | null => {
    const value = recorded[key];
    return typeof value === 'string' ? value : null;
  };
  const release = text('release');
  return {
    id: row.holderId,
    host: text('host') ?? 'unknown host',
    pid: typeof recorded['pid'] === 'number' ? recorded['pid'] : 0,
    app: text('app') ?? 'unknown application',
    ...(release !== null && { release }),
    startedAt: text('startedAt') ?? '',
    fence: row.fence,
    ...(row.heldForMs !== null && { heldForMs: row.heldForMs }),
    ...(row.heartbeatAgeMs !== null && { heartbeatAgeMs: row.heartbeatAgeMs }),
    ...(row.session !== null && { session: row.session }),
  };
}

/** The part of a holder that goes into its row. */
export function recordedHolder(
  holder: HolderInfo,
  coordinatorScope: string | null,
): Readonly<Record<string, unknown>> {
  const { id, host, pid, app, release, startedAt } = holder;
  return {
    id,
    host,
    pid,
    app,
    ...(release !== undefined && { release }),
    startedAt,
    // `unlock` may run elsewhere and know the database by another address.
    ...(coordinatorScope !== null && { coordinatorScope }),
  };
}

/**
 * How a session of ours names itself to the server: `nest-migrate:<scope>:<host>:<pid>:<role>`, in at most 63 bytes.
 * The host gives way first; the server would cut off the end, which says most.
 */
export function applicationName(
  holder: Pick<HolderInfo, 'host' | 'pid'>,
  scope: Scope,
  role: 'waiting' | 'heartbeat' | { readonly fence: string },
): string {
  const prefix = applicationPrefix(scope);
  const suffix = `:${holder.pid}:${typeof role === 'string' ? role : `f${role.fence}`}`;
  const room = APPLICATION_NAME_BYTES - prefix.length - suffix.length;
  const host = holder.host.replace(/[^\x21-\x7e]/g, '_').slice(0, Math.max(0, room));
  return `${prefix}${host}${suffix}`;
}

/** What the names of all sessions of one scope begin with. Short enough to leave room for pid and role. */
export function applicationPrefix(scope: Scope): string {
  return `nest-migrate:${shortScope(scope.replace(/[^\x21-\x7e]/g, '_'), 24)}:`;
}
