import type { Session } from '../database/database.js';
import { isMigratorError } from '../errors.js';
import type { OpenWorker } from './backfill.js';
import { pause } from './wait.js';

/** Milliseconds for which a server that went away is waited for. */
const RECONNECT_MS = 60_000;
const RETRY_MS = 500;

/** One worker's session: opened when it is first needed, and again when it is lost. */
export class SessionSlot {
  #session: Session | null = null;

  constructor(
    private readonly name: string,
    private readonly openWorker: OpenWorker,
    private readonly prepare: (session: Session) => Promise<void>,
    private readonly signal: AbortSignal,
  ) {}

  /** The backend at work; null = there is none. */
  get backendId(): string | null {
    return this.#session?.backendId ?? null;
  }

  /** A session that was not lost when it was last heard of. @throws {MigratorError} as `Database.connect`, after a minute of trying */
  async get(): Promise<Session> {
    if (this.#session !== null && !this.#session.lost.aborted) return this.#session;
    await this.close();
    const began = performance.now();
    for (;;) {
      this.signal.throwIfAborted();
      try {
        const session = await this.openWorker(this.name);
        this.#session = session;
        await this.prepare(session);
        return session;
      } catch (error) {
        await this.close();
        if (!isAway(error) || performance.now() - began > RECONNECT_MS) throw error;
      }
      await pause(RETRY_MS, this.signal);
    }
  }

  /** Ends what it is doing. */
  async cancel(): Promise<void> {
    await this.#session?.cancel().catch(() => undefined);
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.close();
  }
}

function isAway(error: unknown): boolean {
  return isMigratorError(error) && (error.code === 'UNREACHABLE' || error.code === 'SESSION_LOST');
}
