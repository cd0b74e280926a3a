import type { Session } from '../database/database.js';
import type { BlockingSession } from '../run-events.js';

/** Reads who blocks a backend; runs on a session other than the blocked one. */
export type ReadBlockers = (
  observer: Session,
  backendId: string,
) => Promise<readonly BlockingSession[]>;

/**
 * Looks, from a second session, at who stands in the way of ours while it waits. The session is opened when a wait is
 * first seen, so a run that never waits never opens it.
 */
export class BlockerWatch {
  #observer: Promise<Session> | null = null;
  #seen: readonly BlockingSession[] = [];

  constructor(
    private readonly open: () => Promise<Session>,
    private readonly read: ReadBlockers,
    private readonly backendId: string,
  ) {}

  /** Who was in the way when it was last looked at. */
  readonly seen = (): readonly BlockingSession[] => this.#seen;

  /**
   * Runs `work`; if it is still running after `firstLookMs`, looks for blockers, and again every `everyMs`.
   * A look that fails is no failure of the run: who blocks is then unknown.
   */
  async during<T>(
    timing: { readonly firstLookMs: number; readonly everyMs: number },
    onSeen: (blockers: readonly BlockingSession[]) => void,
    work: () => Promise<T>,
  ): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    let done = false;
    const look = async (): Promise<void> => {
      const blockers = await this.#look();
      if (blockers.length > 0) this.#seen = blockers;
      if (done) return;
      if (blockers.length > 0) onSeen(blockers);
      timer = setTimeout(() => void look(), timing.everyMs);
    };
    timer = setTimeout(() => void look(), timing.firstLookMs);
    try {
      return await work();
    } finally {
      done = true;
      clearTimeout(timer);
    }
  }

  async #look(): Promise<readonly BlockingSession[]> {
    try {
      this.#observer ??= this.open();
      return await this.read(await this.#observer, this.backendId);
    } catch {
      this.#observer = null;
      return [];
    }
  }

  async close(): Promise<void> {
    const observer = await this.#observer?.catch(() => null);
    await observer?.close();
  }
}
