import { noAnswer } from './connect-error.js';
import type { SessionLife } from './session-life.js';

/** What ends the wait for an answer, besides the answer. */
export interface AnswerBounds {
  readonly life: SessionLife;
  readonly label: string;
  /** Enforced here, not by the server: that would take a startup parameter or session state. */
  readonly queryTimeoutMs: number | undefined;
  /** Cuts the socket. */
  readonly destroy: () => void;
}

/**
 * An answer, or the end of the session, whichever comes first. A statement that takes too long costs its connection:
 * nothing else can be sent while it is on its way.
 * @throws {MigratorError} `UNREACHABLE`, `SESSION_LOST`
 */
export function boundedAnswer<T>(answer: Promise<T>, bounds: AnswerBounds): Promise<T> {
  const { life, label, queryTimeoutMs, destroy } = bounds;
  const first = life.unlessEnded(answer);
  if (queryTimeoutMs === undefined) return first;
  const timer = setTimeout(() => {
    life.lose(noAnswer(label, queryTimeoutMs));
    destroy();
  }, queryTimeoutMs);
  return first.finally(() => clearTimeout(timer));
}
