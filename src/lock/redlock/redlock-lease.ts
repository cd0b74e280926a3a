import type { MigratorError } from '../../errors.js';
import { leaseLost } from '../lock-errors.js';
import type { Lease } from '../lock.js';
import type { RedisClient } from './client.js';
import { RENEW, type LockKeys } from './scripts.js';

/** What a lease is made of. */
export interface RedlockLeaseInit {
  readonly kind: string;
  readonly nodes: readonly RedisClient[];
  readonly keys: LockKeys;
  readonly value: string;
  readonly ttlMs: number;
  /** Monotonic time taken before the lock was asked for. */
  readonly askedAt: number;
  unlock(): PromiseLike<unknown>;
}

/**
 * A Redlock lease with a heartbeat of its own. States: held → lost (for good) or released.
 * Held while the monotonic clock is before the deadline, which counts from before the last renewal was *sent*: `Date.now`
 * may jump, and a server starts its TTL after we asked.
 */
export class RedlockLease implements Lease {
  readonly #init: RedlockLeaseInit;
  readonly #lost = new AbortController();
  #reason: MigratorError | undefined;
  #deadline: number;
  #released = false;
  #beatTimer: NodeJS.Timeout | undefined;
  #deadlineTimer: NodeJS.Timeout | undefined;

  constructor(init: RedlockLeaseInit) {
    this.#init = init;
    this.#deadline = validUntil(init.askedAt, init.ttlMs);
    this.#armDeadline();
    this.#armBeat();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  assertHeld(): void {
    // Timers do not run while the event loop is blocked: the clock is asked, not the timers.
    if (!this.#released && performance.now() >= this.#deadline) this.#lose('late');
    if (this.#reason !== undefined) throw this.#reason;
  }

  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    clearTimeout(this.#beatTimer);
    clearTimeout(this.#deadlineTimer);
    try {
      await this.#init.unlock();
    } catch {
      // Servers that were not reached let the key expire.
    }
  }

  async #beat(): Promise<void> {
    const { keys, nodes, ttlMs, value } = this.#init;
    const sentAt = performance.now();
    if (sentAt >= this.#deadline) return this.#lose('late');
    const votes = await Promise.allSettled(
      nodes.map((node) => node.eval(RENEW, 2, keys.lock, keys.holder, value, ttlMs)),
    );
    if (this.#released || this.#reason !== undefined) return;
    const quorum = Math.floor(nodes.length / 2) + 1;
    const count = (answer: number): number =>
      votes.filter((vote) => vote.status === 'fulfilled' && vote.value === answer).length;
    if (count(1) >= quorum) {
      this.#deadline = validUntil(sentAt, ttlMs);
      this.#armDeadline();
    } else if (count(0) > nodes.length - quorum) {
      // Definite: expired, restarted empty, or another's. Time-outs only are tried again until the deadline.
      return this.#lose('denied');
    }
    if (performance.now() >= this.#deadline) return this.#lose('no-quorum');
    this.#armBeat();
  }

  #armBeat(): void {
    const left = this.#deadline - performance.now();
    this.#beatTimer = setTimeout(
      () => void this.#beat(),
      Math.min(this.#init.ttlMs / 3, Math.max(20, left - 50)),
    );
    this.#beatTimer.unref();
  }

  /** Fires also while a renewal is on its way. */
  #armDeadline(): void {
    clearTimeout(this.#deadlineTimer);
    this.#deadlineTimer = setTimeout(
      () => {
        if (performance.now() < this.#deadline) this.#armDeadline();
        else this.#lose('no-quorum');
      },
      Math.max(1, Math.ceil(this.#deadline - performance.now())),
    );
    this.#deadlineTimer.unref();
  }

  #lose(why: Parameters<typeof leaseLost>[1]): void {
    if (this.#released || this.#reason !== undefined) return;
    this.#reason = leaseLost(this.#init.kind, why);
    clearTimeout(this.#beatTimer);
    clearTimeout(this.#deadlineTimer);
    this.#lost.abort(this.#reason);
  }
}

/** One per cent for clocks that run at different speeds, and the two milliseconds of Redis's own resolution, as redlock takes it. */
export function validUntil(askedAt: number, ttlMs: number): number {
  return askedAt + ttlMs * 0.99 - 2;
}
