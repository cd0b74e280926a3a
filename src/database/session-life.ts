import { isMigratorError, MigratorError } from '../errors.js';
import { driverFacts } from './driver-facts.js';

/** Whether a session may still be used, and the signal that says when not. */
export class SessionLife {
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  #giveUp: ((reason: unknown) => void) | null = null;

  constructor(private readonly label: string) {}

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Aborted when the session is lost or closed: mysql2 never answers what was in flight when its socket was cut. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Closed by us: what the driver reports from now on is no loss. */
  close(): void {
    if (!this.ended.aborted) this.#end(sessionLost(this.label, true));
  }

  /** The connection is gone; a cause of ours is the reason itself. The first one counts. Returns the error for whoever was waiting. */
  lose(cause?: unknown): MigratorError {
    if (!this.ended.aborted) {
      const error = isMigratorError(cause) ? cause : sessionLost(this.label, false, cause);
      this.#lost.abort(error);
      this.#end(error);
    }
    return this.ended.reason as MigratorError;
  }

  /** An answer, or the end of the session. One at a time, as statements are; a listener on the signal would cost as much as the statement. */
  unlessEnded<T>(answer: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#giveUp = reject;
      answer.then(resolve, reject);
    });
  }

  /** @throws {MigratorError} `SESSION_LOST` */
  assertUsable(): void {
    if (this.ended.aborted) throw this.ended.reason;
  }

  #end(error: MigratorError): void {
    this.#ended.abort(error);
    this.#giveUp?.(error);
  }
}

function sessionLost(label: string, closedByUs: boolean, cause?: unknown): MigratorError {
  return new MigratorError('SESSION_LOST', {
    message: closedByUs
      ? `The session on ${label} was closed here while it was still in use.`
      : `The connection to ${label} was lost: the server ended it, or the network did.`,
    state:
      'The server rolls back what stood in an open transaction; statements that were complete before are kept.',
    remedy: 'nest-migrate status, then run the command again: it goes on where this one stopped.',
    driver: driverFacts(cause),
    cause,
  });
}
