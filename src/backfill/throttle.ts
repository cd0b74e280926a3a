import { withTransaction } from '../database/with-transaction.js';
import type { Session } from '../database/database.js';
import type { OpenWorker, ThrottleLimits, ThrottleReason } from './backfill.js';
import type { BackfillDialect, Signal } from './dialect.js';

/** What the throttle looks at. */
export interface ThrottleSources {
  readonly dialect: BackfillDialect;
  readonly openWorker: OpenWorker;
  readonly limits: ThrottleLimits;
  /** The user's query; null = none. */
  readonly pauseWhile: string | null;
  /** Backends of the sessions that work. */
  readonly ours: () => readonly string[];
  /** Told by each look that can tell: how many wait for us. */
  readonly onBlocked: (sessions: number) => void;
  /** Told by each look, before anything else: what was written so far, see {@link BackfillDialect.writes}. */
  readonly onWrites: (total: number | null) => void;
  /** Told once: who waits cannot be seen. */
  readonly onUnseen: (message: string) => void;
}

/** Milliseconds that a look may take; then its session is cut, and what it was to read counts as unreadable. */
const LOOK_MS = 5000;

/**
 * Asked before each chunk, looks at most once in `pollMs`, on a session of its own. A signal that cannot be read counts as a reason to wait:
 * a throttle that is silent because it is blind protects nobody.
 */
export class Throttle {
  #session: Session | null = null;
  #lookedAt = -Infinity;
  #look: Promise<ThrottleReason | null> = Promise.resolve(null);
  #unseen = false;
  #closed = false;

  constructor(private readonly sources: ThrottleSources) {}

  /** Why not to go on now; null = nothing is in the way. All ranges share one look. */
  reason(nowMs: number): Promise<ThrottleReason | null> {
    if (nowMs - this.#lookedAt >= this.sources.limits.pollMs) {
      this.#lookedAt = nowMs;
      this.#look = this.#lookNow();
    }
    return this.#look;
  }

  /** Also while it looks. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#drop();
    await this.#look;
    await this.#drop();
  }

  async #lookNow(): Promise<ThrottleReason | null> {
    const tooLong = setTimeout(() => void this.#drop(), LOOK_MS);
    try {
      const { dialect, onWrites } = this.sources;
      const session = await this.#open();
      onWrites(await dialect.writes(session));
      return (
        (await this.#blocked(session)) ?? (await this.#lag(session)) ?? (await this.#user(session))
      );
    } catch {
      await this.#drop();
      return unreadable('the server did not answer the question');
    } finally {
      clearTimeout(tooLong);
    }
  }

  /** The next look opens a session: one that was cut answers no more, and does not count as lost. */
  async #drop(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.close();
  }

  async #open(): Promise<Session> {
    if (this.#closed) throw new TypeError('nobody asks any more');
    if (this.#session?.lost.aborted === true) await this.#drop();
    this.#session ??= await this.sources.openWorker('throttle');
    return this.#session;
  }

  async #blocked(session: Session): Promise<ThrottleReason | null> {
    const { dialect, limits, ours, onBlocked, onUnseen } = this.sources;
    if (limits.maxBlockedSessions === null || this.#unseen) return null;
    const signal = await dialect.blockedSessions(session, ours());
    if (signal.kind === 'hidden') {
      // Nothing that a login must be able to see: our own lock time-outs bound how long anybody waits for us.
      this.#unseen = true;
      onUnseen(signal.message);
    }
    if (signal.kind !== 'value') return null;
    onBlocked(signal.value);
    return signal.value > limits.maxBlockedSessions
      ? {
          code: 'blocked-sessions',
          message: `${signal.value} sessions wait for rows of the backfill`,
        }
      : null;
  }

  async #lag(session: Session): Promise<ThrottleReason | null> {
    const { dialect, limits } = this.sources;
    if (limits.maxReplicaLagMs === null) return null;
    const signal: Signal = await dialect.replicaLag(session);
    if (signal.kind === 'hidden') return unreadable(signal.message);
    return signal.kind === 'value' && signal.value > limits.maxReplicaLagMs
      ? {
          code: 'replica-lag',
          message: `a replica is ${Math.round(signal.value)} ms behind, the limit is ${limits.maxReplicaLagMs}`,
        }
      : null;
  }

  async #user(session: Session): Promise<ThrottleReason | null> {
    const { pauseWhile } = this.sources;
    if (pauseWhile === null) return null;
    try {
      const rows = await withTransaction(session, { readOnly: true }, () =>
        session.query(pauseWhile),
      );
      return isTruthy(Object.values(rows[0] ?? {})[0])
        ? { code: 'user-query', message: 'pauseWhile says so' }
        : null;
    } catch {
      return unreadable('pauseWhile failed');
    }
  }
}

/** Numbers arrive as text from some drivers. */
function isTruthy(value: unknown): boolean {
  if (typeof value === 'string')
    return !['', '0', 'f', 'false', 'no', 'off'].includes(value.toLowerCase());
  return Boolean(value);
}

function unreadable(message: string): ThrottleReason {
  return { code: 'unreadable', message };
}
