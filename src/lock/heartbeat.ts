import type { Database, Session } from '../database/database.js';
import type { LockDialect } from './dialect.js';

/** Milliseconds between two heartbeats. `unlock` takes a holder for alive while its heartbeat is younger than three of them. */
export const HEARTBEAT_EVERY_MS = 5000;
/** Milliseconds that one heartbeat may take to connect, and to be written. */
const BEAT_TIMEOUT_MS = 4000;

/**
 * Says every few seconds that this process is alive, on a connection of its own: the runner's session may be busy in a long
 * statement. It informs `status` and `unlock` and decides nothing, so it never fails a run: a heartbeat that does not get
 * through is tried again on a new connection. Opened with the first beat, so that a short run needs no second connection.
 */
export class Heartbeat {
  #timer: NodeJS.Timeout | undefined;
  #session: Session | undefined;
  #beating: Promise<void> | undefined;
  readonly #stopped = new AbortController();

  constructor(
    private readonly database: Database,
    private readonly dialect: LockDialect,
    private readonly holderId: string,
    private readonly applicationName: string,
    private readonly everyMs: number,
  ) {}

  start(): void {
    if (this.#stopped.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#beating = this.#beat();
    }, this.everyMs);
    // The run keeps the process alive by its own work.
    this.#timer.unref();
  }

  /** Never rejects. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopped.abort();
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
    await this.#beating;
  }

  async #beat(): Promise<void> {
    try {
      this.#session ??= await this.database.connect({
        role: 'runner',
        applicationName: this.applicationName,
        connectTimeoutMs: BEAT_TIMEOUT_MS,
        queryTimeoutMs: BEAT_TIMEOUT_MS,
        signal: this.#stopped.signal,
      });
      if (this.#stopped.signal.aborted) return await this.#disconnect();
      const ours = await this.dialect.fence.heartbeat(this.#session, this.holderId);
      // Taken over: the fence tells the run with its next write.
      if (!ours) return await this.#disconnect();
    } catch {
      await this.#disconnect();
    }
    this.start();
  }

  async #disconnect(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }
}
