import type { Emit, RunEventBody, RunListener } from '../run-events.js';

/** Sends every event of one run to the listeners; a listener that throws never fails the run. */
export function createEmitter(
  listeners: Iterable<RunListener>,
  run: { readonly database: string; readonly runId: string },
  now: () => number = Date.now,
): Emit {
  return (body: RunEventBody) => {
    const event = { ...body, at: now(), database: run.database, runId: run.runId };
    for (const listener of listeners) {
      try {
        listener(event);
      } catch {
        // A listener's failure is its own: a broken log must not stop a migration half-way.
      }
    }
  };
}
