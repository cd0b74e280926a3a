import { MigratorError } from '../errors.js';

/**
 * SIGINT (a terminal's Ctrl-C) and SIGTERM (an orchestrator) end the run in order; one that comes later ends the process at once.
 * SIGHUP and SIGPIPE keep their defaults: a lost terminal ends the process, and the database then rolls back.
 * Node as PID 1 ignores both signals unless there is a handler (measured), so this is needed in containers too, and the second one
 * exits instead of being raised again.
 */
const STOPPING = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Ctrl-C reaches a child of npm or of the Nest CLI twice: from the terminal and passed on. Within these milliseconds it counts once: to press
 * it once more costs less than a run that was cut off by an echo.
 */
const SAME_SIGNAL_MS = 1000;

/**
 * Runs the work with a signal that SIGINT and SIGTERM abort, and takes the handlers away afterwards.
 * The signal's reason is a `MigratorError` `INTERRUPTED_SIGINT` or `INTERRUPTED_SIGTERM`.
 */
export async function withStopSignals<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  let firstAt = Infinity;
  const onSignal = (name: NodeJS.Signals): void => {
    const known = name === 'SIGINT' ? 'SIGINT' : 'SIGTERM';
    const at = performance.now();
    if (at - firstAt > SAME_SIGNAL_MS) process.exit(STOPPING[known]);
    if (stop.signal.aborted) return;
    firstAt = at;
    stop.abort(interrupted(known));
  };
  for (const name of Object.keys(STOPPING)) process.on(name, onSignal);
  try {
    return await work(stop.signal);
  } finally {
    for (const name of Object.keys(STOPPING)) process.off(name, onSignal);
  }
}

function interrupted(name: keyof typeof STOPPING): MigratorError {
  return new MigratorError(`INTERRUPTED_${name}`, {
    message: `Stopped by ${name}.`,
    state: 'What was finished is recorded; what was not is rolled back or recorded as interrupted.',
    remedy: 'Run the same command again to go on.',
  });
}
