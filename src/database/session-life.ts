import { MigratorError } from '../errors.js';
import { driverFacts } from './driver-facts.js';

/** Whether a session may still be used, and the signal that says when not. */
export class SessionLife {
  readonly #controller = new AbortController();
  #closed = false;

  constructor(private readonly label: string) {}

  get lost(): AbortSignal {
    return this.#controller.signal;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Closed by us: what the driver reports from now on is no loss. */
  close(): void {
    this.#closed = true;
  }

  /** The connection is gone. The first cause counts. Returns the error for whoever was waiting. */
  lose(cause?: unknown): MigratorError {
    if (this.#controller.signal.aborted) return this.reason();
    const error = sessionLost(this.label, this.#closed, cause);
    if (!this.#closed) this.#controller.abort(error);
    return error;
  }

  /** @throws {MigratorError} `SESSION_LOST` */
  assertUsable(): void {
    if (this.#controller.signal.aborted) throw this.reason();
    if (this.#closed) throw sessionLost(this.label, true);
  }

  private reason(): MigratorError {
    return this.#controller.signal.reason as MigratorError;
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
