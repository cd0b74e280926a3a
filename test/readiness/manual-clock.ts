import type { Schedule } from '../../src/readiness/refresher.js';

/** A clock and timers that stand still until the test moves them. */
export class ManualClock {
  #now = 0;
  #timers: { readonly at: number; readonly run: () => void }[] = [];

  readonly now = (): number => this.#now;

  readonly schedule: Schedule = (delayMs, run) => {
    const timer = { at: this.#now + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** Milliseconds until the next timer, or null. */
  nextIn(): number | null {
    const next = this.#timers.reduce((least, { at }) => Math.min(least, at), Infinity);
    return next === Infinity ? null : next - this.#now;
  }

  /** Moves the time, runs what falls due in order, and lets what that began come to rest. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await settled();
      const due = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = until;
  }
}

/** Lets every promise that can go on without a timer do so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
